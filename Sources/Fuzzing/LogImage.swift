import Primitives

/// A node's directory as one input: files one after the other, each behind five bytes.
///
/// ```
/// 0      1       2            3            5
/// │ name │ mends │ left alone │ length (2) │ bytes …
/// ```
///
/// `mends` says what of the file is put right before the log sees it, since no mutation guesses a
/// checksum; a bit of `left alone` says that a record keeps its own, in turns of eight.
struct LogImage {
    /// What is put right in a file.
    private struct Mends: OptionSet {
        let rawValue: UInt8

        /// The checksum of the identity, or of the segment's header.
        static let checksum = Mends(rawValue: 1)
        /// What the header must say to be the next segment of this disk; the identity's owner.
        static let header = Mends(rawValue: 2)
        /// The checksums of the records, from the header on as far as they hang together.
        static let records = Mends(rawValue: 4)
        /// Durable positions that lie beyond their record.
        static let positions = Mends(rawValue: 8)
    }

    private struct File {
        var mends: Mends
        var leftAlone: UInt8
        var bytes: [UInt8]
    }

    static let cluster = Array("example".utf8)
    static let node = NodeID("n1")
    private static let segmentHeader = 64
    private static let recordHeader = 32

    /// The names that an input can choose from, by number; those of segments start at 1.
    static let names =
        ["identity"] + (1...6).map { "wal-0000000\($0).log" }
        + [
            "identity.new", "torn-00000001-64.bin", "torn-00000001-96.bin", "wal-1.log",
            "wal-00000000.log", "wal-18446744073709551615.log", "notes.txt",
            "rewrite", "rewrite.new",
            "snapshot-00000000000000000003.bin", "snapshot-00000000000000000006.bin",
            "snapshot.new", "snapshot-00000000000000000006.damaged",
        ]
    private static let segments = 1...6
    /// The indices of the snapshots, by the numbers of their names.
    private static let snapshots: [Int: UInt64] = [16: 3, 17: 6]

    /// The directory.
    private(set) var files: [String: [UInt8]] = [:]
    private var disk: [UInt8] = [UInt8](repeating: 7, count: 8)

    /// The directory that an input stands for; any bytes are one.
    init(_ input: [UInt8]) {
        var given: [Int: File] = [:]
        var offset = 0
        while input.count - offset >= 5 {
            let length = min(
                Int(input.span.littleEndian(UInt16.self, at: offset + 3)), input.count - offset - 5)
            given[Int(input[offset]) % LogImage.names.count] = File(
                mends: Mends(rawValue: input[offset + 1]), leftAlone: input[offset + 2],
                bytes: Array(input[offset + 5..<offset + 5 + length]))
            offset += 5 + length
        }
        if let identity = given[0] { files[LogImage.names[0]] = mendIdentity(identity) }
        var start = 0
        for number in LogImage.names.indices.dropFirst() {
            guard let file = given[number] else { continue }
            let name = LogImage.names[number]
            if LogImage.segments.contains(number) {
                files[name] = mendSegment(file, number: number, start: &start)
            } else if let index = LogImage.snapshots[number] {
                files[name] = mendSnapshot(file, index: index)
            } else {
                files[name] = name == "rewrite" ? mendRewrite(file) : file.bytes
            }
        }
    }

    /// A snapshot: magic, version, checksum, the last entry's index, then the rest.
    private func mendSnapshot(_ file: File, index: UInt64) -> [UInt8] {
        var bytes = file.bytes
        if file.mends.contains(.header), bytes.count >= 24 {
            bytes.replaceSubrange(0..<16, with: Array("TALLYSNP".utf8) + [1, 0, 0, 0, 0, 0, 0, 0])
            bytes.set(littleEndian: index, at: 16)
        }
        if file.mends.contains(.checksum) { LogImage.mendChecksum(&bytes, through: bytes.count) }
        return bytes
    }

    /// The identity of docs/disk-format.md: magic, version, checksum, disk, cluster, node.
    private mutating func mendIdentity(_ file: File) -> [UInt8] {
        var bytes = file.bytes
        if file.mends.contains(.header) {
            bytes = Array("TALLYID\n".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + disk
            for name in [LogImage.cluster, LogImage.node?.bytes ?? []] {
                bytes += [UInt8(name.count)] + name
            }
        }
        if file.mends.contains(.checksum) { LogImage.mendChecksum(&bytes, through: bytes.count) }
        if bytes.count >= 24 { disk = Array(bytes[16..<24]) }
        return bytes
    }

    /// The bytes of an interrupted rewrite: magic, version, checksum, disk, then segments' parts.
    private func mendRewrite(_ file: File) -> [UInt8] {
        var bytes = file.bytes
        if file.mends.contains(.header), bytes.count >= 24 {
            bytes.replaceSubrange(
                0..<24, with: Array("TALLYRW\n".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + disk)
        }
        if file.mends.contains(.checksum) { LogImage.mendChecksum(&bytes, through: bytes.count) }
        return bytes
    }

    /// A segment: a header of 64 bytes, then its head and records. `start` goes from the log position of its first
    /// byte to that behind its last record.
    private func mendSegment(_ file: File, number: Int, start: inout Int) -> [UInt8] {
        var bytes = file.bytes
        let size = LogImage.segmentHeader
        if file.mends.contains(.header), bytes.count >= size {
            bytes.replaceSubrange(0..<16, with: Array("TALLYLOG".utf8) + [1, 0, 0, 0, 0, 0, 0, 0])
            bytes.set(littleEndian: UInt64(number), at: 16)
            bytes.set(littleEndian: UInt64(start), at: 24)
            bytes.replaceSubrange(32..<40, with: disk)
            bytes.replaceSubrange(44..<size, with: [UInt8](repeating: 0, count: 20))
        }
        let head = bytes.count < size ? 0 : Int(bytes.span.littleEndian(UInt32.self, at: 40))
        if file.mends.contains(.checksum) {
            LogImage.mendChecksum(&bytes, through: min(bytes.count, size))
        }
        guard file.mends.contains(.records) else { return bytes }
        var offset = size
        var count = 0
        while bytes.count - offset >= LogImage.recordHeader, bytes[offset + 4] != 0 {
            let body = Int(bytes.span.littleEndian(UInt32.self, at: offset + 4) >> 8)
            let end = offset + LogImage.recordHeader + (body + 7) & ~7
            guard end <= bytes.count else { break }
            if file.leftAlone >> UInt8(count % 8) & 1 == 0 {
                mendRecord(
                    &bytes, offset..<end, at: start + offset,
                    durable: offset < size + head ? start : start + offset, file.mends)
            }
            offset = end
            count += 1
        }
        start += offset
        return bytes
    }

    private func mendRecord(
        _ bytes: inout [UInt8], _ record: Range<Int>, at position: Int, durable most: Int,
        _ mends: Mends
    ) {
        let start = record.lowerBound
        let durable = start + 24
        if mends.contains(.positions),
            bytes[durable + 7] != 0 || bytes.span.littleEndian(UInt64.self, at: durable) > most
        {
            bytes.set(littleEndian: UInt64(most), at: durable)
        }
        var sum = CRC32C()
        sum.update(UInt64(position))
        sum.update(bytes.span.extracting(start + 4..<record.upperBound))
        bytes.set(littleEndian: sum.value, at: start)
    }

    /// Puts the checksum of the bytes before `end`, its own four left out, in its place.
    private static func mendChecksum(_ bytes: inout [UInt8], through end: Int) {
        guard end >= 16 else { return }
        var sum = CRC32C()
        sum.update(bytes.span.extracting(0..<12))
        sum.update(bytes.span.extracting(16..<end))
        bytes.set(littleEndian: sum.value, at: 12)
    }
}
