import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// What a log amounts to, as plain values: the twin that the log is held against.
struct LogState: Equatable {
    struct Entry: Equatable {
        var term: Term
        var kind: EntryKind
        var payload: [UInt8]
    }

    var hardState = HardState.initial
    var entries: [Entry] = []
    var founding = FoundingState.newborn

    init() {}

    init(_ recovered: borrowing Recovered) {
        hardState = recovered.hardState
        founding = recovered.founding
        for number in 0..<recovered.log.lastIndex.number {
            let index = LogIndex(number + 1)
            let term = recovered.log.term(at: index)
            recovered.log.withEntry(at: index) { kind, bytes, range in
                entries.append(Entry(term: term, kind: kind, payload: Array(bytes[range])))
            }
        }
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
    }

    let opening: Opening
    var batch = LogBatch()

    init(_ disk: MemoryDisk, limits: LogLimits = small, newDisk: DiskID = firstDisk)
        throws(LogFault)
    {
        let opened = try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: newDisk, limits: limits)
        states = [LogState(opened.recovered)]
        opening = Opening(
            isFresh: opened.recovered.isFresh, commit: opened.recovered.commit,
            tornTail: opened.recovered.tornTail)
        tail = opened.recovered.log
        log = opened.log
    }

    var state: LogState { states[states.count - 1] }

    /// Stages entries of one term from `index` on, behind a new hard state where one is given or, as
    /// a core does, where the term is newer than the one on disk.
    mutating func stage(
        _ payloads: [[UInt8]], term: UInt64, from index: LogIndex? = nil,
        hardState: HardState? = nil
    ) {
        var state = state
        let isNewer = !payloads.isEmpty && state.hardState.term < Term(term)
        let hardState = hardState ?? (isNewer ? HardState(term: Term(term), vote: nil) : nil)
        if let hardState {
            state.hardState = hardState
            states.append(state)
        }
        let first = index ?? tail.lastIndex.next
        tail.truncate(from: first)
        for payload in payloads {
            let kind: EntryKind = payload.isEmpty ? .noOperation : .command
            tail.append(term: Term(term), kind: kind, payload: 0..<payload.count, of: payload)
            state.entries.removeSubrange((Int(tail.lastIndex.number) - 1)...)
            state.entries.append(LogState.Entry(term: Term(term), kind: kind, payload: payload))
            states.append(state)
        }
        writes = writes.next
        let range = payloads.isEmpty ? first..<first : first..<tail.lastIndex.next
        batch.append(Write(id: writes, hardState: hardState, entries: range), from: tail)
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
