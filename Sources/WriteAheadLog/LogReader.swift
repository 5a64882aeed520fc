import Founding
import Primitives
import Raft

/// Reads a log's segments in order up to its tail, or to its damage; it changes nothing
/// (docs/disk-format.md, "Recovery").
struct LogReader: ~Copyable {
    /// How a segment's records end.
    private struct Ending {
        /// Where the last record ends, an offset in the segment.
        var offset: Int
        /// What that record says to be durable; nil where the segment has none.
        var durable: LogPosition?
        /// Whether it is a seal.
        var isSealed = false
        /// Whether it is a mark.
        var isMark = false
    }

    /// How often over the search for synced records checksums a segment before it gives up.
    private static let searchPasses = 16

    private let disk: DiskID
    /// Bytes that count instead of those in the segments.
    private let rewrite: Rewrite?
    private var replay = Replay()
    private var verifier = RecordVerifier()

    init(disk: DiskID, rewrite: Rewrite?) {
        self.disk = disk
        self.rewrite = rewrite
    }

    /// What the records amount to.
    consuming func finish() -> Replay { replay }

    /// Reads all segments, whose numbers are sorted, and returns where the log ends.
    mutating func readAll<Storage: Disk & ~Copyable>(
        _ segments: [UInt64], of storage: inout Storage
    ) throws(LogFault) -> LogEnd {
        var header = SegmentHeader(number: 1, start: .zero, disk: disk)
        var seal: [Rewrite.Part] = []
        while true {
            guard segments.contains(header.number) else {
                throw damage(header.number, 0, .missing)
            }
            let bytes = try readRewritten(header.number, of: &storage)
            try header.check(bytes, after: replay.log.lastIndex)
            let ending = try read(header, bytes)
            guard ending.isSealed else {
                let later = segments.filter { $0 > header.number }
                let last = bytes.span.lastNonzero(in: ending.offset..<bytes.count)
                if let last {
                    try refuseIfDurable(after: ending.offset, through: last, header, bytes)
                }
                try refuse(later, behind: header.number, ending.offset, of: &storage)
                if let rewrite, rewrite.parts.last?.segment != header.number { throw misfit }
                let torn = last.map { Array(bytes[ending.offset...$0]) } ?? []
                return LogEnd(
                    number: header.number, start: header.start, offset: ending.offset,
                    size: bytes.count, torn: torn,
                    unproven: (ending.durable == nil || rewrite?.parts.count == 2 ? seal : [])
                        + [unproven(header, bytes, ending, torn: torn.count)],
                    isMarkAlone: ending.isMark && torn.isEmpty && rewrite == nil,
                    successor: later.first)
            }
            seal = [unproven(header, bytes, ending, torn: 0)]
            header.number += 1
            header.start = header.start + ending.offset
        }
    }

    /// What of a segment may be in memory only: from where its last record says that all before was
    /// durable to its end, all of a segment without records, and zeros in place of a torn tail. What
    /// an interrupted rewrite holds of it is among that.
    private func unproven(
        _ header: SegmentHeader, _ bytes: [UInt8], _ ending: Ending, torn: Int
    ) -> Rewrite.Part {
        let durable = max(ending.durable ?? header.start, header.start)
        var from = Int(durable.bytes - header.start.bytes)
        var end = ending.offset + torn
        for part in rewrite?.parts ?? [] where part.segment == header.number {
            from = min(from, part.offset)
            end = max(end, part.offset + part.bytes.count)
        }
        var part = Rewrite.Part(
            segment: header.number, offset: from, bytes: Array(bytes[from..<ending.offset]))
        part.bytes.append(contentsOf: repeatElement(0, count: end - ending.offset))
        return part
    }

    /// The bytes of a segment, with those of an interrupted rewrite in their place.
    private func readRewritten<Storage: Disk & ~Copyable>(
        _ number: UInt64, of storage: inout Storage
    ) throws(LogFault) -> [UInt8] {
        var bytes = try LogReader.read(number, of: &storage)
        for part in rewrite?.parts ?? [] where part.segment == number {
            guard part.offset <= bytes.count else { throw misfit }
            let end = min(bytes.count, part.offset + part.bytes.count)
            bytes.replaceSubrange(part.offset..<end, with: part.bytes)
        }
        return bytes
    }

    private var misfit: LogFault {
        .damaged(
            Damage(
                file: Rewrite.fileName, offset: 0, after: replay.log.lastIndex, reason: .rewrite))
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
        var ending = Ending(offset: SegmentHeader.size)
        while let record = verifier.record(
            in: bytes, at: ending.offset, position: header.start + ending.offset)
        {
            let offset = ending.offset
            guard let kind = RecordKind(rawValue: record.kind) else {
                throw .newer(file: SegmentHeader.fileName(header.number), offset: offset)
            }
            guard record.durable <= header.start + offset,
                replay.apply(kind, record, in: bytes, at: offset)
            else { throw damage(header.number, offset, .impossible) }
            ending.offset = offset + record.recordSize
            ending.durable = record.durable
            ending.isMark = kind == .mark && record.durable == header.start + offset
            guard kind == .seal else { continue }
            guard record.index.number == header.number + 1 else {
                throw damage(header.number, offset, .impossible)
            }
            if bytes.span.lastNonzero(in: ending.offset..<bytes.count) != nil {
                throw damage(header.number, ending.offset, .behindSeal)
            }
            ending.isSealed = true
            return ending
        }
        return ending
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
