import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

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
