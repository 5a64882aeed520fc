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

    /// What a node uses: segments of 16 MiB, zeros in steps of 256 KiB.
    public static let standard = LogLimits(segmentBytes: 16 << 20, preallocationBytes: 256 << 10)

    /// Segments of `segmentBytes`, at least a header, a record, a mark and a seal (192); zeros in
    /// steps of `preallocationBytes`, at least 64.
    public init(segmentBytes: Int, preallocationBytes: Int) {
        precondition(segmentBytes >= 192 && preallocationBytes >= 64, "limits too small for a log")
        self.segmentBytes = segmentBytes
        self.preallocationBytes = preallocationBytes
    }
}
