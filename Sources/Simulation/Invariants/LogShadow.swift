import Calculator
import Raft

/// An entry as the invariants remember it.
struct ShadowEntry {
    var term: Term
    /// A hash of this entry and all before it: two logs with the same hash are the same this far.
    var chain: UInt64
    /// What the entry asks for; nil for the no-op.
    var command: Calculator.Command?
}

/// A log as the invariants remember it, kept up to date by what changes.
struct LogShadow {
    private(set) var entries: [ShadowEntry] = []

    var lastIndex: LogIndex { LogIndex(UInt64(entries.count)) }

    /// The entry at an index from 1 to the last.
    subscript(index: LogIndex) -> ShadowEntry { entries[Int(index.number) - 1] }

    /// The hash of all entries up to `index`, or nil where the log is shorter.
    func chain(at index: LogIndex) -> UInt64? {
        if index == .zero { return 0 }
        return index <= lastIndex ? self[index].chain : nil
    }

    mutating func truncate(after index: LogIndex) {
        entries.removeLast(max(0, entries.count - Int(index.number)))
    }

    mutating func append(_ term: Term, _ command: Calculator.Command?) {
        var hash = EffectHash()
        hash.mix(entries.last?.chain ?? 0)
        hash.mix(term.number)
        switch command {
        case .set(let value): hash.mix(1 &+ UInt64(bitPattern: value) &* 4)
        case .add(let value): hash.mix(2 &+ UInt64(bitPattern: value) &* 4)
        case nil: hash.mix(0)
        }
        entries.append(ShadowEntry(term: term, chain: hash.value, command: command))
    }

    mutating func append(_ entry: ShadowEntry) { entries.append(entry) }

    /// Takes over what changed in the log. Returns the first index at which it differs from before,
    /// or nil where nothing changed.
    mutating func follow(_ log: borrowing EntryLog) -> LogIndex? {
        let last = log.lastIndex
        var same = min(lastIndex, last)
        while same > .zero, self[same].term != log.term(at: same) { same = same.previous }
        if same == lastIndex, same == last { return nil }
        truncate(after: same)
        var index = same.next
        while index <= last {
            let command = log.withEntry(at: index) { kind, bytes, payload in
                kind == .command ? Calculator.Command(bytes: bytes, in: payload) : nil
            }
            append(log.term(at: index), command)
            index = index.next
        }
        return same.next
    }
}
