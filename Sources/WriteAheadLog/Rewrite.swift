import Founding
import Primitives
import Raft

/// Bytes of the log that are being written a second time, in a file of their own while they are
/// (docs/disk-format.md, "rewrite").
///
/// ```
///  rewrite.new ──sync, rename──▶ rewrite ──segments written, synced──▶ removed
/// ```
///
/// As long as the file is there, its bytes count and not those in the segments: a crash in the midst
/// of the rewrite may have left anything of them.
struct Rewrite: Equatable {
    /// Bytes of one segment.
    struct Part: Equatable {
        /// The segment's number.
        var segment: UInt64
        /// Where in the segment they lie.
        var offset: Int
        /// The bytes.
        var bytes: [UInt8]
    }

    static let fileName = "rewrite"
    static let asideName = "rewrite.new"

    private static let magic = Array("TALLYRW\n".utf8)
    /// No offset or length in a segment reaches this.
    private static let longest: UInt64 = 1 << 40

    /// The disk that the log is on.
    let disk: DiskID
    /// One part, or the end of a segment and the start of the next.
    let parts: [Part]

    init(disk: DiskID, parts: [Part]) {
        self.disk = disk
        self.parts = parts
    }

    /// The file's bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 64 + parts.reduce(0) { $0 + 24 + $1.bytes.count })
        writer.write(Rewrite.magic)
        writer.write(FormatVersion.current)
        writer.write(UInt32(0))
        writer.write(disk.number)
        for part in parts {
            writer.write(part.segment)
            writer.write(UInt64(part.offset))
            writer.write(UInt64(part.bytes.count))
            writer.write(part.bytes)
        }
        writer.overwrite(FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
        return writer.bytes
    }

    /// What the bytes of the file say, which belongs to that disk. It got its name only once it was
    /// synced, so one that says nothing is damaged.
    static func decode(_ bytes: [UInt8], disk: DiskID) throws(LogFault) -> Rewrite {
        try FormatVersion.check(
            bytes, magic: magic, file: fileName, after: .zero, reason: .rewrite)
        var reader = ByteReader(bytes, in: FormatVersion.prefix..<bytes.count)
        guard reader.read(UInt64.self) == disk.number, let parts = parts(from: &reader) else {
            throw .damaged(
                Damage(file: fileName, offset: reader.position, after: .zero, reason: .rewrite))
        }
        return Rewrite(disk: disk, parts: parts)
    }

    private static func parts(from reader: inout ByteReader) -> [Part]? {
        var parts: [Part] = []
        while reader.remaining > 0 {
            guard let segment = reader.read(UInt64.self), let offset = reader.read(UInt64.self),
                offset < longest, let count = reader.read(UInt64.self), count < longest,
                let bytes = reader.read(count: Int(count))
            else { return nil }
            if let last = parts.last {
                guard segment > last.segment, segment - last.segment == 1 else { return nil }
            }
            parts.append(Part(segment: segment, offset: Int(offset), bytes: bytes))
        }
        return (1...2).contains(parts.count) ? parts : nil
    }

    /// Puts the bytes aside, durable before any of them is written where it belongs.
    func keep<Storage: Disk & ~Copyable>(on disk: inout Storage) throws(DiskError) {
        let bytes = encoded
        let file = try disk.open(Rewrite.asideName, .created)
        try disk.write(bytes, 0..<bytes.count, to: file, at: 0)
        try disk.sync(file)
        disk.close(file)
        // In place of one that an interrupted opening left, with the same bytes in it.
        try disk.rename(Rewrite.asideName, to: Rewrite.fileName)
        try disk.syncDirectory()
    }

    /// Writes and syncs the bytes where they belong, and returns the last segment's file, open.
    func write<Storage: Disk & ~Copyable>(on disk: inout Storage) throws(DiskError) -> DiskFile {
        var last: DiskFile?
        for part in parts {
            if let last { disk.close(last) }
            let file = try disk.open(SegmentHeader.fileName(part.segment), .existing)
            try disk.write(part.bytes, 0..<part.bytes.count, to: file, at: part.offset)
            try disk.sync(file)
            last = file
        }
        guard let last else { preconditionFailure("a rewrite without parts") }
        return last
    }

    /// Takes the file away. The caller syncs the directory before it writes anything to the log.
    func remove<Storage: Disk & ~Copyable>(from disk: inout Storage) throws(DiskError) {
        try disk.remove(Rewrite.fileName)
    }
}
