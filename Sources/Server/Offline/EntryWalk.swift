import Calculator
import Raft
import Replica

/// Walks over a log entry by entry and applies each, as a node would that knew all of it committed.
///
/// It begins with a state, or, where none is known, with the entries alone: what they come to is then
/// known from the first state on that a snapshot gives.
struct EntryWalk {
    /// The state after the last entry that was walked over, nil where none is known.
    private(set) var engine: Engine<Calculator>?
    /// The states that snapshots hold, oldest first.
    private var states: [Engine<Calculator>]
    private let commit: LogIndex
    /// The first entry that can't be applied, though its bytes are as they were written.
    private(set) var unreadable: LogIndex?
    /// The first entry at which a snapshot holds another state than the log leads to.
    private(set) var contradicted: LogIndex?

    /// A walk from the base of the log on.
    ///
    /// - Parameters:
    ///   - base: The log's.
    ///   - snapshots: The states of the snapshots that the log holds, oldest first.
    ///   - commit: Through which entry the log is known to be committed.
    init(base: EntryID, snapshots: [Engine<Calculator>], commit: LogIndex) {
        states = snapshots
        engine = base == .zero ? Engine() : nil
        self.commit = commit
        meetSnapshots(at: base)
    }

    /// Applies the entry at `index`, which follows the one before.
    mutating func step(to index: LogIndex, of log: borrowing EntryLog) -> LoggedEntry {
        let id = EntryID(index: index, term: log.term(at: index))
        let isSound = log.withEntry(at: index) { kind, bytes, payload in
            EntryCheck(kind, bytes, payload) { Calculator.isCommand($0, $1) } == .understood
        }
        if !isSound, unreadable == nil {
            unreadable = index
            engine = nil
        }
        let result = engine?.apply(through: index, of: log)
        meetSnapshots(at: id)
        return log.withEntry(at: index) { kind, bytes, payload in
            LoggedEntry(
                id, kind, bytes, payload, result: result, value: engine?.machine.value,
                isKnownCommitted: index <= commit)
        }
    }

    /// Compares the state with those of the snapshots there, or begins with one of them.
    private mutating func meetSnapshots(at id: EntryID) {
        while let next = states.first, next.applied.index <= id.index {
            states.removeFirst()
            guard next.applied == id else { continue }
            if let engine, engine.encodeState() != next.encodeState(), contradicted == nil {
                contradicted = id.index
            }
            engine = next
        }
    }
}
