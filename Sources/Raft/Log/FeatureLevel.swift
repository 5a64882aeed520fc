/// What all of a cluster's nodes can do, numbered from 1.
///
/// It is a state of the log: the leader appends a higher level once every voter can do it, and what
/// belongs to a level is used once the entry that raises it is committed. It never falls.
///
/// | level | what came with it |
/// |---|---|
/// | 1 | commands |
/// | 2 | idempotency keys, conditional writes, snapshots and a log that is cut behind them, state hashes |
public struct FeatureLevel: Hashable, Comparable, Sendable {
    /// The level's number.
    public var number: UInt16

    /// The level of a log that names none.
    public static let initial = FeatureLevel(1)
    /// The highest level that this program can do.
    public static let current = FeatureLevel(2)

    /// The level of that number.
    public init(_ number: UInt16) { self.number = number }

    /// The level that a payload spells, two bytes little-endian; nil for other bytes.
    public init?(payload bytes: [UInt8], in range: Range<Int>) {
        guard range.count == 2 else { return nil }
        number = UInt16(bytes[range.lowerBound]) | UInt16(bytes[range.lowerBound + 1]) << 8
    }

    /// The payload of an entry that raises the cluster to this level.
    public var payload: [UInt8] {
        [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
    }

    /// Whether the first level is the lower one.
    public static func < (left: FeatureLevel, right: FeatureLevel) -> Bool {
        left.number < right.number
    }
}
