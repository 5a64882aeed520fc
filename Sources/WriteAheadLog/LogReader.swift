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
        /// What that record says to be durable; nil where the segment has none behind its head.
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
    private var replay: Replay
    /// All records in their order; nil where only what they amount to is wanted.
    private(set) var records: [InspectedRecord]?
    private var verifier = RecordVerifier()
    private var sealed: [SealedSegment] = []

    /// A reader of the log on `disk`, whose newest snapshot has the feature level `level`.
    init(disk: DiskID, rewrite: Rewrite?, level: FeatureLevel, listsRecords: Bool = false) {
        self.disk = disk
        records = listsRecords ? [] : nil
        self.rewrite = rewrite
        replay = Replay(level: level)
    }

    /// What the records amount to.
    consuming func finish() -> Replay { replay }

    /// Reads all segments, whose numbers are sorted, and returns where the log ends.
    mutating func readAll<Storage: Disk & ~Copyable>(
        _ segments: [UInt64], of storage: inout Storage
    ) throws(LogFault) -> LogEnd {
        guard let first = segments.first else { throw damage(1, 0, .missing) }
        var (header, bytes) = try readFirst(from: first, segments, of: &storage)
        var base = try readHead(header, bytes, isFirst: true)
        var seal: [Rewrite.Part] = []
        while true {
            let ending = try read(header, bytes)
            guard ending.isSealed else {
                return try end(header, base, bytes, ending, seal, segments, of: &storage)
            }
            seal = [unproven(header, bytes, ending, torn: 0)]
            sealed.append(
                SealedSegment(number: header.number, bytes: bytes.count, base: base))
            let number = header.number + 1
            guard segments.contains(number) else { throw damage(number, 0, .missing) }
            bytes = try readRewritten(number, of: &storage)
            let place = header.start + ending.offset
            header = try decode(bytes, number)
            guard header.start == place else {
                throw damage(number, FormatVersion.prefix, .misplacedSegment)
            }
            base = try readHead(header, bytes, isFirst: false)
        }
    }

    /// Reads the segment with which the log begins: number 1, or the first one with a head where those
    /// before it were dropped.
    private mutating func readFirst<Storage: Disk & ~Copyable>(
        from first: UInt64, _ segments: [UInt64], of storage: inout Storage
    ) throws(LogFault) -> (SegmentHeader, [UInt8]) {
        var number = first
        while segments.contains(number) {
            let bytes = try readRewritten(number, of: &storage)
            let header = try decode(bytes, number)
            if number == 1, header.start != .zero || header.headLength > 0 {
                throw damage(number, FormatVersion.prefix, .misplacedSegment)
            }
            if number == 1 || header.headLength > 0 { return (header, bytes) }
            sealed.append(SealedSegment(number: number, bytes: bytes.count, base: nil))
            number += 1
        }
        throw damage(first - 1, 0, .missing)
    }

    private func decode(_ bytes: [UInt8], _ number: UInt64) throws(LogFault) -> SegmentHeader {
        try SegmentHeader.decode(bytes, number: number, disk: disk, after: replay.log.lastIndex)
    }

    /// Takes in the head of a segment, and returns the index of the last entry before it; nil where
    /// the segment has none.
    private mutating func readHead(
        _ header: SegmentHeader, _ bytes: [UInt8], isFirst: Bool
    ) throws(LogFault) -> LogIndex? {
        guard header.headLength > 0 else { return nil }
        var parser = SegmentHead.Parser()
        var offset = SegmentHeader.size
        while offset < header.headEnd {
            guard
                let record = verifier.record(
                    in: bytes, at: offset, position: header.start + offset),
                record.recordSize <= header.headEnd - offset
            else { throw damage(header.number, offset, .segmentHead) }
            guard let kind = RecordKind(rawValue: record.kind) else {
                throw .newer(file: SegmentHeader.fileName(header.number), offset: offset)
            }
            guard record.durable <= header.start, parser.take(kind, record, in: bytes, at: offset)
            else { throw damage(header.number, offset, .impossible) }
            records?.append(
                InspectedRecord(kind, record, in: bytes, at: offset, of: header.number))
            offset += record.recordSize
        }
        guard parser.isWhole, isFirst || replay.follow(parser.head) else {
            throw damage(header.number, SegmentHeader.size, .impossible)
        }
        if isFirst { replay.begin(with: parser.head) }
        return parser.head.last.index
    }

    /// Where the log ends, in a segment without a seal, unless that is damage.
    private mutating func end<Storage: Disk & ~Copyable>(
        _ header: SegmentHeader, _ base: LogIndex?, _ bytes: [UInt8], _ ending: Ending,
        _ seal: [Rewrite.Part], _ segments: [UInt64], of storage: inout Storage
    ) throws(LogFault) -> LogEnd {
        let later = segments.filter { $0 > header.number }
        let last = bytes.span.lastNonzero(in: ending.offset..<bytes.count)
        try refuseIfDurable(after: ending.offset, header, bytes, from: ending.offset + 8)
        try refuse(later, behind: header, ending.offset, of: &storage)
        if let rewrite, rewrite.parts.last?.segment != header.number { throw misfit }
        let torn = last.map { Array(bytes[ending.offset...$0]) } ?? []
        return LogEnd(
            number: header.number, start: header.start, headEnd: header.headEnd, base: base,
            offset: ending.offset, size: bytes.count, torn: torn,
            unproven: (ending.durable == nil || rewrite?.parts.count == 2 ? seal : [])
                + [unproven(header, bytes, ending, torn: torn.count)],
            isMarkAlone: ending.isMark && torn.isEmpty && rewrite == nil && later.isEmpty,
            successor: later.first, sealed: sealed)
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
        _ later: [UInt64], behind header: SegmentHeader, _ offset: Int, of storage: inout Storage
    ) throws(LogFault) {
        if later.isEmpty { return }
        guard later == [header.number + 1] else {
            throw damage(header.number, offset, .laterSegment)
        }
        let bytes = try LogReader.read(later[0], of: &storage)
        // Its head was written before the seal, and so may have been torn with it.
        let own = try? SegmentHeader.decode(bytes, number: later[0], disk: disk, after: .zero)
        try refuseIfDurable(
            after: offset, header, bytes, from: SegmentHeader.size,
            start: own?.start ?? header.start + offset + RecordHeader.size)
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
        var ending = Ending(offset: header.headEnd)
        while let record = verifier.record(
            in: bytes, at: ending.offset, position: header.start + ending.offset)
        {
            let offset = ending.offset
            guard let kind = RecordKind(rawValue: record.kind) else {
                throw .newer(file: SegmentHeader.fileName(header.number), offset: offset)
            }
            try refuseNewerLevel(kind, record, bytes, at: offset, of: header.number)
            guard record.durable <= header.start + offset,
                replay.apply(kind, record, in: bytes, at: offset)
            else { throw damage(header.number, offset, .impossible) }
            records?.append(
                InspectedRecord(kind, record, in: bytes, at: offset, of: header.number))
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

    /// Throws where an entry asks for a feature level that this program can't do: others rely on it.
    private func refuseNewerLevel(
        _ kind: RecordKind, _ record: RecordHeader, _ bytes: [UInt8], at offset: Int,
        of number: UInt64
    ) throws(LogFault) {
        let start = offset + RecordHeader.size
        guard kind == .featureLevel,
            let level = FeatureLevel(payload: bytes, in: start..<start + record.bodyLength),
            level > .current
        else { return }
        throw .newerLevel(level, file: SegmentHeader.fileName(number))
    }

    /// Throws where a record that verifies proves that the bytes at `offset` of the segment had been
    /// synced: one that lies from `first` on in `bytes`, which are the segment's own or, where they have
    /// another `start`, its successor's.
    private mutating func refuseIfDurable(
        after offset: Int, _ header: SegmentHeader, _ bytes: [UInt8], from first: Int,
        start: LogPosition? = nil
    ) throws(LogFault) {
        guard first < bytes.count, let last = bytes.span.lastNonzero(in: first..<bytes.count)
        else { return }
        let start = start ?? header.start
        let cut = header.start + offset
        var budget = LogReader.searchPasses * bytes.count
        var candidate = first
        while candidate <= last, let record = RecordHeader(bytes.span, at: candidate) {
            let position = start + candidate
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
