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

/// A core's share of the work: it keeps the log's tail and asks for writes, and remembers the state
/// after each record so that a crash can be judged.
struct Driver: ~Copyable {
    var log: WriteAheadLog<MemoryDisk>
    var tail: EntryLog
    /// The state after all records that were synced, then after each one that is not.
    var states: [LogState]
    var writes = WriteID.zero

    /// What was handed over when the log was opened.
    struct Opening {
        var isFresh: Bool
        var commit: LogIndex
        var tornTail: TornTail?
        var setAside: [String]
    }

    let opening: Opening
    var batch = LogBatch()
    private var disk: MemoryDisk

    init(_ disk: MemoryDisk, limits: LogLimits = small, newDisk: DiskID = firstDisk)
        throws(LogFault)
    {
        let opened = try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: newDisk, limits: limits)
        states = [LogState(opened.recovered)]
        opening = Opening(
            isFresh: opened.recovered.isFresh, commit: opened.recovered.commit,
            tornTail: opened.recovered.tornTail, setAside: opened.recovered.setAside)
        self.disk = disk
        tail = opened.recovered.log
        log = opened.log
    }

    var state: LogState { states[states.count - 1] }
    var isFull: Bool { log.isFull }

    /// Stages entries of one term from `index` on, behind a new hard state where one is given or, as
    /// a core does, where the term is newer than the one on disk.
    mutating func stage(
        _ payloads: [[UInt8]], term: UInt64, from index: LogIndex? = nil,
        hardState: HardState? = nil, kind given: EntryKind? = nil, behind base: EntryID? = nil
    ) {
        var state = state
        let isNewer = !payloads.isEmpty && state.hardState.term < Term(term)
        let hardState = hardState ?? (isNewer ? HardState(term: Term(term), vote: nil) : nil)
        if let hardState {
            state.hardState = hardState
            states.append(state)
        }
        if base != nil { states.append(state) }
        let first = index ?? tail.lastIndex.next
        tail.truncate(from: first)
        for payload in payloads {
            let kind = given ?? (payload.isEmpty ? .noOperation : .command)
            tail.append(term: Term(term), kind: kind, payload: 0..<payload.count, of: payload)
            state.entries.removeSubrange((Int(tail.lastIndex.number) - 1)...)
            state.entries.append(LogState.Entry(term: Term(term), kind: kind, payload: payload))
            states.append(state)
        }
        writes = writes.next
        let range = payloads.isEmpty ? first..<first : first..<tail.lastIndex.next
        batch.append(
            Write(id: writes, base: base, hardState: hardState, entries: range), from: tail)
    }

    /// Stages the entry from which on new segments have heads.
    mutating func stageLevel(term: UInt64) {
        stage([FeatureLevel.current.payload], term: term, kind: .featureLevel)
    }

    mutating func stage(peerStart seen: PeerStart) {
        batch.append(peerStart: seen)
        var state = state
        let isKnown = { (other: PeerStart) in
            other.node == seen.node && other.disk == seen.disk
        }
        state.peerStarts.removeAll(where: isKnown)
        state.peerStarts.append(seen)
        state.peerStarts.sort { ($0.node, $0.disk) < ($1.node, $1.disk) }
        states.append(state)
    }

    /// Writes down, synced, that the node starts.
    mutating func begin(nonce: UInt64) throws(LogFault) {
        let start = state.starts.next(nonce: nonce)
        var begun = state
        begun.starts.append(start)
        states.append(begun)
        try log.begin(start)
        states = [begun]
    }

    /// Saves a snapshot of the first `count` entries, and returns through which index segments may go.
    @discardableResult
    mutating func save(_ count: Int) throws(LogFault) -> LogIndex {
        try save(state.snapshot(count))
    }

    private mutating func save(_ file: SnapshotFile) throws(LogFault) -> LogIndex {
        do throws(DiskError) {
            return try SnapshotDirectory.save(file.encoded, last: file.last, on: &disk)
        } catch {
            throw .disk(error)
        }
    }

    /// Saves a snapshot that came from a leader, which replaces the log, and stages the base, with
    /// the term that the leader has.
    mutating func install(_ entries: [LogState.Entry], term: UInt64) throws(LogFault) -> LogIndex {
        let old = state
        var new = old
        new.entries = entries
        let file = new.snapshot(entries.count)
        new.hardState = max(old.hardState, behind: file.last.term)
        states = [old, new]
        let through = try save(file)
        states = [new]
        tail.reset(to: file.last, level: file.level)
        // The disk's log does not say so yet.
        let isNewer = old.hardState.term < Term(term)
        stage(
            [], term: term, hardState: isNewer ? HardState(term: Term(term), vote: nil) : nil,
            behind: file.last)
        return through
    }

    private func max(_ state: HardState, behind term: Term) -> HardState {
        state.term < term ? HardState(term: term, vote: nil) : state
    }

    mutating func stage(founding: FoundingState) {
        batch.append(founding: founding)
        var state = state
        state.founding = founding
        states.append(state)
    }

    mutating func commit() throws(LogFault) {
        try flush()
        try log.sync()
        states = [state]
    }

    /// Writes what is staged.
    mutating func flush() throws(LogFault) {
        try log.flush(&batch)
    }
}

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
