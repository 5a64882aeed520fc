import Founding
import Primitives
import Raft

/// The first 64 bytes of a segment (docs/disk-format.md, "Segments").
struct SegmentHeader: Hashable {
    /// How many bytes it takes.
    static let size = 64

    private static let magic = Array("TALLYLOG".utf8)

    /// The segment's number, from 1.
    var number: UInt64
    /// The log position of the segment's first byte.
    var start: LogPosition
    /// The disk it was written on.
    var disk: DiskID

    /// The header's bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: SegmentHeader.size)
        writer.write(SegmentHeader.magic)
        writer.write(FormatVersion.current)
        writer.write(UInt32(0))
        writer.write(number)
        writer.write(start.bytes)
        writer.write(disk.number)
        writer.pad(to: SegmentHeader.size)
        writer.overwrite(FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
        return writer.bytes
    }

    /// Throws unless the segment's bytes start with this very header.
    func check(_ bytes: [UInt8], after: LogIndex) throws(LogFault) {
        let file = SegmentHeader.fileName(number)
        try FormatVersion.check(
            Array(bytes.prefix(SegmentHeader.size)), magic: SegmentHeader.magic, file: file,
            after: after, reason: .segmentHeader)
        guard bytes.starts(with: encoded) else {
            throw .damaged(
                Damage(
                    file: file, offset: FormatVersion.prefix, after: after,
                    reason: .misplacedSegment))
        }
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
    /// Where the next record goes, an offset in the file.
    var tail: Int
    /// Up to which offset the file has zeros, or records, that were synced.
    var zeroedThrough: Int

    /// The log position of the tail.
    var position: LogPosition { start + tail }

    /// Writes a new segment, header and first zeros, and syncs it, but not the directory.
    static func create<Storage: Disk & ~Copyable>(
        _ header: SegmentHeader, on disk: inout Storage, limits: LogLimits
    ) throws(DiskError) -> Segment {
        let file = try disk.open(SegmentHeader.fileName(header.number), .created)
        let size = max(SegmentHeader.size, limits.preallocationBytes)
        let bytes = header.encoded + [UInt8](repeating: 0, count: size - SegmentHeader.size)
        do throws(DiskError) {
            try disk.write(bytes, 0..<bytes.count, to: file, at: 0)
            try disk.sync(file)
        } catch {
            disk.close(file)
            throw error
        }
        return Segment(
            number: header.number, start: header.start, file: file, tail: SegmentHeader.size,
            zeroedThrough: bytes.count)
    }
}
