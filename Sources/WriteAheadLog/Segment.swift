import Founding
import Primitives
import Raft

/// The first 64 bytes of a segment (docs/disk-format.md, "Segments").
struct SegmentHeader: Hashable {
    /// How many bytes it takes.
    static let size = 64
    private static let headOffset = 40
    /// No log position and no segment's number reaches this, so that sums never overflow.
    private static let limit: UInt64 = 1 << 62

    private static let magic = Array("TALLYLOG".utf8)

    /// The segment's number, from 1.
    var number: UInt64
    /// The log position of the segment's first byte.
    var start: LogPosition
    /// The disk it was written on.
    var disk: DiskID
    /// How many bytes the head takes that follows.
    var headLength = 0

    /// Where the head ends: an offset in the segment.
    var headEnd: Int { SegmentHeader.size + headLength }

    /// The header's bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: SegmentHeader.size)
        writer.write(SegmentHeader.magic)
        writer.write(FormatVersion.current)
        writer.write(UInt32(0))
        writer.write(number)
        writer.write(start.bytes)
        writer.write(disk.number)
        writer.write(UInt32(headLength))
        writer.pad(to: SegmentHeader.size)
        writer.overwrite(FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
        return writer.bytes
    }

    /// The header that the bytes of segment `number` on `disk` start with.
    static func decode(
        _ bytes: [UInt8], number: UInt64, disk: DiskID, after: LogIndex
    ) throws(LogFault) -> SegmentHeader {
        let file = fileName(number)
        try FormatVersion.check(
            Array(bytes.prefix(size)), magic: magic, file: file, after: after,
            reason: .segmentHeader)
        let span = bytes.span
        let start = span.littleEndian(UInt64.self, at: FormatVersion.prefix + 8)
        let head = span.littleEndian(UInt32.self, at: headOffset)
        let header = SegmentHeader(
            number: number, start: LogPosition(start), disk: disk, headLength: Int(head))
        guard number < limit, start < limit, head % 8 == 0, bytes.starts(with: header.encoded)
        else {
            throw .damaged(
                Damage(
                    file: file, offset: FormatVersion.prefix, after: after,
                    reason: .misplacedSegment))
        }
        return header
    }

    /// The name of the segment's file.
    static func fileName(_ number: UInt64) -> String {
        "wal-" + number.padded(to: 8) + ".log"
    }

    /// The number of the segment whose file has that name, or nil where it is no segment's.
    static func number(ofFile name: String) -> UInt64? {
        guard name.hasPrefix("wal-"), name.hasSuffix(".log"),
            let number = UInt64(name.dropFirst(4).dropLast(4)),
            number > 0, fileName(number) == name
        else { return nil }
        return number
    }

    /// The name of the file that keeps what was cut off a segment; `attempt` counts from 1.
    static func tornName(_ number: UInt64, offset: Int, attempt: Int) -> String {
        "torn-" + number.padded(to: 8) + "-\(offset)" + (attempt == 1 ? "" : "-\(attempt)") + ".bin"
    }
}

/// The segment that the log is writing to.
struct Segment {
    let number: UInt64
    let start: LogPosition
    let file: DiskFile
    /// Where the head ends, and records begin that are the log's own.
    let headEnd: Int
    /// The index of the last entry before the segment, where its head says so.
    let base: LogIndex?
    /// Where the next record goes, an offset in the file.
    var tail: Int
    /// Up to which offset the file has zeros, or records, that were synced.
    var zeroedThrough: Int

    /// The log position of the tail.
    var position: LogPosition { start + tail }

    /// Writes a new segment, header, head and first zeros, and syncs it, but not the directory.
    ///
    /// The head, where there is one, claims that every byte before the position `durable` is synced.
    static func create<Storage: Disk & ~Copyable>(
        _ header: SegmentHeader, head: SegmentHead? = nil, durable: LogPosition = .zero,
        on disk: inout Storage, limits: LogLimits
    ) throws(DiskError) -> Segment {
        var header = header
        var records = head?.batch ?? LogBatch(capacity: 0)
        header.headLength = records.count
        records.finish(at: header.start + SegmentHeader.size, durable: durable)
        let file = try disk.open(SegmentHeader.fileName(header.number), .created)
        var bytes = header.encoded + records.bytes
        let zeros = max(0, limits.preallocationBytes - bytes.count)
        bytes.append(contentsOf: repeatElement(0, count: zeros))
        do throws(DiskError) {
            try disk.write(bytes, 0..<bytes.count, to: file, at: 0)
            try disk.sync(file)
        } catch {
            disk.close(file)
            throw error
        }
        return Segment(
            number: header.number, start: header.start, file: file, headEnd: header.headEnd,
            base: head?.last.index, tail: header.headEnd, zeroedThrough: bytes.count)
    }
}

/// A segment that is full, or that was left over when those before it were dropped.
struct SealedSegment {
    let number: UInt64
    /// How many bytes its file takes.
    let bytes: Int
    /// The index of the last entry before it, where its head says so.
    let base: LogIndex?

    init(number: UInt64, bytes: Int, base: LogIndex?) {
        self.number = number
        self.bytes = bytes
        self.base = base
    }

    init(_ segment: Segment) {
        self.init(number: segment.number, bytes: segment.zeroedThrough, base: segment.base)
    }
}
