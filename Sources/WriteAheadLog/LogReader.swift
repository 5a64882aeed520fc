import Primitives
import Raft

/// Reads a log's segments in order up to its tail, or to its damage; it changes nothing
/// (docs/disk-format.md, "Recovery").
struct LogReader: ~Copyable {
    /// How a segment's records end: with a seal that ends at the offset, or without one.
    private enum Ending {
        case sealed(Int)
        case unsealed(Int)
    }

    /// How often over the search for synced records checksums a segment before it gives up.
    private static let searchPasses = 16

    private let disk: DiskID
    private var replay = Replay()
    private var verifier = RecordVerifier()

    init(disk: DiskID) { self.disk = disk }

    /// What the records amount to.
    consuming func finish() -> Replay { replay }

    /// Reads all segments, whose numbers are sorted, and returns where the log ends.
    mutating func readAll<Storage: Disk & ~Copyable>(
        _ segments: [UInt64], of storage: inout Storage
    ) throws(LogFault) -> LogEnd {
        var header = SegmentHeader(number: 1, start: .zero, disk: disk)
        while true {
            guard segments.contains(header.number) else {
                throw damage(header.number, 0, .missing)
            }
            let bytes = try LogReader.read(header.number, of: &storage)
            try header.check(bytes, after: replay.log.lastIndex)
            switch try read(header, bytes) {
            case .sealed(let end):
                header.number += 1
                header.start = header.start + end
            case .unsealed(let offset):
                let last = bytes.span.lastNonzero(in: offset..<bytes.count)
                if let last { try refuseIfDurable(after: offset, through: last, header, bytes) }
                let later = segments.filter { $0 > header.number }
                try refuse(later, behind: header.number, offset, of: &storage)
                return LogEnd(
                    number: header.number, start: header.start, offset: offset,
                    size: bytes.count, torn: last.map { Array(bytes[offset...$0]) } ?? [],
                    successor: later.first)
            }
        }
    }

    /// Throws unless the segments behind one without a seal are at most an interrupted roll.
    private mutating func refuse<Storage: Disk & ~Copyable>(
        _ later: [UInt64], behind number: UInt64, _ offset: Int, of storage: inout Storage
    ) throws(LogFault) {
        if later.isEmpty { return }
        guard later == [number + 1],
            LogReader.isEmptySegment(try LogReader.read(later[0], of: &storage))
        else { throw damage(number, offset, .laterSegment) }
    }

    /// Whether nothing lies behind the header of a segment, or of what was to be one.
    static func isEmptySegment(_ bytes: [UInt8]) -> Bool {
        bytes.count <= SegmentHeader.size
            || bytes.span.lastNonzero(in: SegmentHeader.size..<bytes.count) == nil
    }

    private static func read<Storage: Disk & ~Copyable>(
        _ number: UInt64, of storage: inout Storage
    ) throws(LogFault) -> [UInt8] {
        do throws(DiskError) {
            return try storage.read(SegmentHeader.fileName(number))
        } catch {
            throw .disk(error)
        }
    }

    /// Takes in the records of one segment, in order.
    private mutating func read(
        _ header: SegmentHeader, _ bytes: [UInt8]
    ) throws(LogFault) -> Ending {
        var offset = SegmentHeader.size
        while let record = verifier.record(in: bytes, at: offset, position: header.start + offset) {
            guard let kind = RecordKind(rawValue: record.kind) else {
                throw .newer(file: SegmentHeader.fileName(header.number), offset: offset)
            }
            guard record.durable <= header.start + offset,
                replay.apply(kind, record, in: bytes, at: offset)
            else { throw damage(header.number, offset, .impossible) }
            let end = offset + record.recordSize
            if kind == .seal {
                guard record.index.number == header.number + 1 else {
                    throw damage(header.number, offset, .impossible)
                }
                if bytes.span.lastNonzero(in: end..<bytes.count) != nil {
                    throw damage(header.number, end, .behindSeal)
                }
                return .sealed(end)
            }
            offset = end
        }
        return .unsealed(offset)
    }

    /// Throws where a record that verifies, between `offset` and `last`, proves that the bytes at
    /// `offset` had been synced.
    private mutating func refuseIfDurable(
        after offset: Int, through last: Int, _ header: SegmentHeader, _ bytes: [UInt8]
    ) throws(LogFault) {
        let cut = header.start + offset
        var budget = LogReader.searchPasses * bytes.count
        var candidate = offset + 8
        while candidate <= last, let record = RecordHeader(bytes.span, at: candidate) {
            let position = header.start + candidate
            // Few bytes but a record's pass this, and no record of the torn batch does. What would
            // reach beyond the file is no record, and costs nothing to pass over.
            let couldProve =
                (record.durable > cut && record.durable <= position)
                || (record.kind == RecordKind.seal.rawValue && record.bodyLength == 0)
            if couldProve, record.recordSize <= bytes.count - candidate {
                budget -= record.recordSize
                guard budget > 0 else { throw damage(header.number, offset, .unclear) }
                if verifier.record(in: bytes, at: candidate, position: position) != nil {
                    let isSeal = record.kind == RecordKind.seal.rawValue
                    throw damage(
                        header.number, offset, isSeal ? .laterSegment : .durableRecordFollows)
                }
            }
            candidate += 8
        }
    }

    private func damage(_ number: UInt64, _ offset: Int, _ reason: Damage.Reason) -> LogFault {
        .damaged(
            Damage(
                file: SegmentHeader.fileName(number), offset: offset, after: replay.log.lastIndex,
                reason: reason))
    }
}
