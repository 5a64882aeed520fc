import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// What a log amounts to, as plain values: the twin that the log is held against.
///
/// A snapshot's state, here, is all entries up to its last one, so that a log with a snapshot reads as
/// one without: as its whole past.
struct LogState: Equatable {
    struct Entry: Equatable {
        var term: Term
        var kind: EntryKind
        var payload: [UInt8]
    }

    var hardState = HardState.initial
    var entries: [Entry] = []
    var founding = FoundingState.newborn
    var starts = StartHistory()
    var peerStarts: [PeerStart] = []

    init() {}

    init(_ recovered: borrowing Recovered) {
        hardState = recovered.hardState
        founding = recovered.founding
        starts = recovered.starts
        peerStarts = recovered.peerStarts
        if let snapshot = recovered.snapshot {
            entries = LogState.entries(in: snapshot.state)
            let base = recovered.log.base
            #expect(base == snapshot.last && entries.last?.term == base.term)
            #expect(recovered.log.level(at: base.index) == snapshot.level)
        }
        #expect(recovered.log.base.index.number == UInt64(entries.count))
        #expect(recovered.commit >= recovered.log.base.index)
        for number in recovered.log.base.index.number..<recovered.log.lastIndex.number {
            let index = LogIndex(number + 1)
            let term = recovered.log.term(at: index)
            recovered.log.withEntry(at: index) { kind, bytes, range in
                entries.append(Entry(term: term, kind: kind, payload: Array(bytes[range])))
            }
        }
    }

    /// A snapshot's state after the first `count` entries.
    func snapshotState(_ count: Int) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries[..<count] {
            writer.write(entry.term.number)
            writer.write(entry.kind.rawValue)
            writer.write(UInt32(entry.payload.count))
            writer.write(entry.payload)
        }
        return writer.bytes
    }

    static func entries(in state: [UInt8]) -> [Entry] {
        var reader = ByteReader(state)
        var entries: [Entry] = []
        while let term = reader.read(UInt64.self), let kind = reader.read(UInt8.self),
            let count = reader.read(UInt32.self), let payload = reader.read(count: Int(count))
        {
            entries.append(
                Entry(term: Term(term), kind: EntryKind(rawValue: kind)!, payload: payload))
        }
        #expect(reader.remaining == 0)
        return entries
    }

    /// The snapshot file after the first `count` entries, at least one.
    func snapshot(_ count: Int) -> SnapshotFile {
        let isRaised = entries[..<count].contains { $0.kind == .featureLevel }
        let last = EntryID(index: LogIndex(UInt64(count)), term: entries[count - 1].term)
        return SnapshotFile(
            record: founding.record ?? record, last: last,
            level: FeatureLevel(isRaised ? 2 : 1), state: snapshotState(count))
    }
}

let cluster = Array("example".utf8)
let node = NodeID("n1")!
let firstDisk = DiskID(0x1122_3344_5566_7788)
let record = FoundingRecord(
    cluster: cluster,
    members: [
        FoundingRecord.Member(node: node, disk: firstDisk),
        FoundingRecord.Member(node: NodeID("n2")!, disk: DiskID(2)),
    ])!

/// Small enough that a handful of records fills a segment.
let small = LogLimits(segmentBytes: 384, preallocationBytes: 128)

/// Opens the log and returns what it holds.
func recover(_ disk: MemoryDisk) throws(LogFault) -> LogState {
    let driver = try Driver(disk)
    return driver.state
}

/// The damage that opening finds, which must leave every byte as it was; nil where it opens.
func damageFound(in disk: MemoryDisk) -> Damage? {
    let before = disk.files
    do throws(LogFault) {
        _ = try Driver(disk)
        return nil
    } catch {
        #expect(disk.files == before)
        guard case .damaged(let damage) = error else {
            Issue.record("\(error)")
            return nil
        }
        #expect(error.exitCode == 65)
        return damage
    }
}

extension [UInt8] {
    /// The bytes with one range written over.
    func overwritten(_ range: Range<Int>, with byte: (Int) -> UInt8) -> [UInt8] {
        var copy = self
        for offset in range { copy[offset] = byte(offset) }
        return copy
    }
}

/// The offset of the last byte that is not zero.
func lastNonzero(of bytes: [UInt8]) -> Int? {
    bytes.lastIndex { $0 != 0 }
}

/// How many whole records of a batch the first `count` bytes of a write hold; nil where the write is
/// none: a header, zeros, a mark, a seal, a snapshot. Zeros at a record's end are there before it.
func wholeRecords(of write: [UInt8], in count: Int) -> Int? {
    var (records, end) = (0, 0)
    while let header = RecordHeader(write.span, at: end) {
        guard let kind = RecordKind(rawValue: header.kind), kind != .mark, kind != .seal,
            end + header.recordSize <= write.count
        else { return nil }
        end += header.recordSize
        if let last = lastNonzero(of: Array(write[..<end])), last < count { records += 1 }
    }
    return end == 0 ? nil : records
}

/// Where the parts of a segment start: its header, its records, and what lies behind them.
func starts(of file: [UInt8]) -> [Int] {
    var starts = [0, SegmentHeader.size]
    while let record = RecordHeader(file.span, at: starts[starts.count - 1]), record.kind != 0 {
        starts.append(starts[starts.count - 1] + record.recordSize)
    }
    return starts
}

/// The index of the last entry before a segment, as its head says; nil where it has none.
func headBase(of file: [UInt8]) -> LogIndex? {
    guard file[40..<44].contains(where: { $0 != 0 }) else { return nil }
    for start in starts(of: file).dropFirst() {
        if let record = RecordHeader(file.span, at: start), record.kind == 12 {
            return record.index
        }
    }
    return nil
}
