import Calculator
import Raft

/// The one log that the cluster has committed, as the invariants know it, with the value that a
/// second, simple implementation of the calculator gives for each index.
struct CommittedLog {
    struct Entry {
        var term: Term
        var chain: UInt64
        /// The term of whoever was first seen to know it committed.
        var knownIn: Term
        /// What the entry asks for; nil for the no-op.
        var command: Calculator.Command?
        /// The value once the entry is applied.
        var value: Int64
        /// The index of the last set or add that took effect.
        var lastChange: LogIndex
        var isOverflow: Bool
    }

    private(set) var entries: [Entry] = []

    var lastIndex: LogIndex { LogIndex(UInt64(entries.count)) }

    subscript(index: LogIndex) -> Entry { entries[Int(index.number) - 1] }

    /// The value and the last change once `index` is applied.
    func state(at index: LogIndex) -> (value: Int64, lastChange: LogIndex) {
        index == .zero ? (0, .zero) : (self[index].value, self[index].lastChange)
    }

    mutating func append(_ entry: ShadowEntry, knownIn term: Term) {
        var (value, lastChange) = state(at: lastIndex)
        var isOverflow = false
        switch entry.command {
        case .set(let number):
            value = number
            lastChange = lastIndex.next
        case .add(let number):
            // A second way to tell an overflow than the calculator's own.
            let leavesAbove = number > 0 && value > Int64.max - number
            let leavesBelow = number < 0 && value < Int64.min - number
            isOverflow = leavesAbove || leavesBelow
            if !isOverflow {
                value += number
                lastChange = lastIndex.next
            }
        case nil:
            break
        }
        entries.append(
            Entry(
                term: entry.term, chain: entry.chain, knownIn: term, command: entry.command,
                value: value, lastChange: lastChange, isOverflow: isOverflow))
    }
}
