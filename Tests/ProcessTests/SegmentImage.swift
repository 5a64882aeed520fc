import Posix

/// The bytes of a log's segment, taken apart as docs/disk-format.md says and without the log's code.
struct SegmentImage {
    struct Record {
        var offset: Int
        var kind: UInt8
        var length: Int
    }

    /// The kind of a mark.
    static let mark: UInt8 = 6

    let bytes: [UInt8]
    let records: [Record]

    /// Reads the segment's file up to where its records end.
    init(_ path: String) throws {
        bytes = try FileSystem.contents(of: path, limit: 1 << 26)
        var found: [Record] = []
        var offset = 64
        while offset + 32 <= bytes.count, bytes[offset + 4] != 0 {
            let body =
                Int(bytes[offset + 5]) | Int(bytes[offset + 6]) << 8 | Int(bytes[offset + 7]) << 16
            let length = (32 + body + 7) / 8 * 8
            found.append(Record(offset: offset, kind: bytes[offset + 4], length: length))
            offset += length
        }
        records = found
    }

    /// Where the zeros behind the last record begin.
    var end: Int { records.last.map { $0.offset + $0.length } ?? 64 }

    /// The bytes that were synced: all records, but for a mark at the end.
    var synced: [UInt8] {
        guard let last = records.last, last.kind == Self.mark else { return Array(bytes[..<end]) }
        return Array(bytes[..<last.offset])
    }

    /// The last record that is not a mark.
    var lastWritten: Record? { records.last { $0.kind != Self.mark } }

    /// The bytes with one bit the other way round.
    func flipping(_ bit: Int, at offset: Int) -> [UInt8] {
        var copy = bytes
        copy[offset] ^= 1 << UInt8(bit)
        return copy
    }
}
