import Primitives
import Raft

/// What a record of the log is (docs/disk-format.md, "Records"). Zero is none, so that zeros are
/// no record.
enum RecordKind: UInt8 {
    case noOperation = 1
    case command = 2
    case hardState = 3
    case pledge = 4
    case founded = 5
    case mark = 6
    case seal = 7
    case start = 8
    case peerStart = 9
    case featureLevel = 10
    case envelope = 11
    case base = 12

    init(_ kind: EntryKind) {
        self =
            switch kind {
            case .noOperation: .noOperation
            case .command: .command
            case .featureLevel: .featureLevel
            case .envelope: .envelope
            }
    }
}

/// The first 32 bytes of a record.
struct RecordHeader {
    /// How many bytes it takes.
    static let size = 32
    /// The longest body, as three bytes count it.
    static let maximumBody = 1 << 24 - 1
    static let durableOffset = 24

    let checksum: UInt32
    /// The kind's number; a `RecordKind` unless a newer version wrote the record.
    let kind: UInt8
    /// The length of the body in bytes, without padding.
    let bodyLength: Int
    let index: LogIndex
    let term: Term
    /// Every byte before this position was known synced when the record was written.
    let durable: LogPosition

    /// Reads the header at `offset`, or returns nil where the bytes end within it.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at offset: Int) {
        guard bytes.count - offset >= RecordHeader.size else { return nil }
        checksum = bytes.littleEndian(UInt32.self, at: offset)
        let word = bytes.littleEndian(UInt32.self, at: offset + 4)
        kind = UInt8(truncatingIfNeeded: word)
        bodyLength = Int(word >> 8)
        index = LogIndex(bytes.littleEndian(UInt64.self, at: offset + 8))
        term = Term(bytes.littleEndian(UInt64.self, at: offset + 16))
        durable = LogPosition(
            bytes.littleEndian(UInt64.self, at: offset + RecordHeader.durableOffset))
    }

    /// How many bytes the whole record takes, header and padding included.
    var recordSize: Int { RecordHeader.size + (bodyLength + 7) & ~7 }
}

/// Tells records from other bytes.
struct RecordVerifier {
    private var checksum = CRC32C()

    /// The checksum of the record of `size` bytes at `offset`, which must lie within `bytes`, as
    /// the record at that position of the log has it.
    mutating func checksum(
        of bytes: [UInt8], at offset: Int, size: Int, position: LogPosition
    ) -> UInt32 {
        checksum.reset()
        checksum.update(position.bytes)
        checksum.update(bytes.span.extracting(offset + 4..<offset + size))
        return checksum.value
    }

    /// The header of the record at `offset`, or nil where no whole record verifies there.
    mutating func record(
        in bytes: [UInt8], at offset: Int, position: LogPosition
    ) -> RecordHeader? {
        guard let header = RecordHeader(bytes.span, at: offset), header.kind != 0,
            header.recordSize <= bytes.count - offset,
            checksum(of: bytes, at: offset, size: header.recordSize, position: position)
                == header.checksum
        else { return nil }
        return header
    }
}
