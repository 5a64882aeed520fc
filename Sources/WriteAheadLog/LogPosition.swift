/// A place in the log: bytes since the start of its first segment, headers included.
///
/// It grows for ever, across segments; an offset counts within one file.
public struct LogPosition: Hashable, Comparable, Sendable {
    /// Bytes since the start of the first segment.
    public var bytes: UInt64

    /// The first byte of the first segment.
    public static let zero = LogPosition(0)

    /// The place that many bytes into the log.
    public init(_ bytes: UInt64) { self.bytes = bytes }

    /// Whether the first place lies before the second.
    public static func < (left: LogPosition, right: LogPosition) -> Bool {
        left.bytes < right.bytes
    }

    /// The place `count` bytes further on; `count` is not negative.
    static func + (position: LogPosition, count: Int) -> LogPosition {
        LogPosition(position.bytes + UInt64(count))
    }
}

/// How large the log's files are.
public struct LogLimits: Hashable, Sendable {
    /// The size at which a segment is full, in bytes.
    public var segmentBytes: Int
    /// How many zeros are written ahead of the tail at a time, in bytes.
    public var preallocationBytes: Int

    /// How many bytes are kept for the time when the disk is full.
    public var reserveBytes: Int

    /// What a node uses: segments of 16 MiB, zeros in steps of 256 KiB, and a reserve of 10 MiB: for a
    /// snapshot of 65,536 keys of 64 bytes, and twice what a follower is sent without an answer.
    public static let standard = LogLimits(
        segmentBytes: 16 << 20, preallocationBytes: 256 << 10, reserveBytes: 10 << 20)

    /// Segments of `segmentBytes`, at least a header, a record, a mark and a seal (192); zeros in
    /// steps of `preallocationBytes`, at least 64; a reserve of `reserveBytes`, at least two steps, for the
    /// end of a segment and the beginning of the next, and eight where nothing else is said.
    public init(segmentBytes: Int, preallocationBytes: Int, reserveBytes: Int? = nil) {
        let reserve = reserveBytes ?? 8 * preallocationBytes
        precondition(
            segmentBytes >= 192 && preallocationBytes >= 64 && reserve >= 2 * preallocationBytes,
            "limits too small for a log")
        self.segmentBytes = segmentBytes
        self.preallocationBytes = preallocationBytes
        self.reserveBytes = reserve
    }
}
