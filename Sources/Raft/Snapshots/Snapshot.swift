/// The state after the entry `last`, as bytes that the core does not look into.
///
/// It stands for all of the log up to `last`. The bytes are shared, never copied.
public struct Snapshot: Hashable, Sendable {
    /// The last entry that the state holds.
    public var last: EntryID
    /// The cluster's feature level at that entry.
    public var level: FeatureLevel
    /// The snapshot file as it lies on disk (docs/disk-format.md).
    public var bytes: [UInt8]

    /// The state after `last`, a committed entry.
    public init(last: EntryID, level: FeatureLevel, bytes: [UInt8]) {
        self.last = last
        self.level = level
        self.bytes = bytes
    }
}
