import Calculator
import Raft

/// The one log that the cluster has committed, as the invariants know it, with what a second, simple
/// implementation of the engine makes of each entry.
struct CommittedLog {
    struct Entry {
        var term: Term
        var chain: UInt64
        /// The term of whoever was first seen to know it committed.
        var knownIn: Term
        /// What the entry asks for.
        var payload: ShadowPayload
        var decision: Decision
        /// The value once the entry is applied.
        var value: Int64
        /// The index of the last set or add that took effect.
        var lastChange: LogIndex
    }

    private(set) var entries: [Entry] = []
    private var engine: PlainEngine

    /// Nothing is committed; the engines remember that many keys.
    init(keys capacity: Int = .max) { engine = PlainEngine(capacity: capacity) }

    /// How many keys an engine remembers.
    var keyCapacity: Int { engine.capacity }

    var lastIndex: LogIndex { LogIndex(UInt64(entries.count)) }

    subscript(index: LogIndex) -> Entry { entries[Int(index.number) - 1] }

    /// The value and the last change once `index` is applied.
    func state(at index: LogIndex) -> (value: Int64, lastChange: LogIndex) {
        index == .zero ? (0, .zero) : (self[index].value, self[index].lastChange)
    }

    mutating func append(_ entry: ShadowEntry, knownIn term: Term) {
        let decision = engine.apply(entry.payload, at: lastIndex.next)
        entries.append(
            Entry(
                term: entry.term, chain: entry.chain, knownIn: term, payload: entry.payload,
                decision: decision, value: engine.value, lastChange: engine.lastChange))
    }
}
