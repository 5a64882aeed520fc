import Raft

/// An entry as the invariants remember it.
struct ShadowEntry {
    var term: Term
    /// A hash of this entry and all before it: two logs with the same hash are the same this far.
    var chain: UInt64
    /// What the entry asks for.
    var payload: ShadowPayload
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

    mutating func append(_ term: Term, _ payload: ShadowPayload) {
        var hash = EffectHash()
        hash.mix(entries.last?.chain ?? 0)
        hash.mix(term.number)
        hash.mix(payload)
        entries.append(ShadowEntry(term: term, chain: hash.value, payload: payload))
    }

    mutating func append(_ entry: ShadowEntry) { entries.append(entry) }

    /// Whether the log ends as it did.
    func matchesEnd(of log: borrowing EntryLog) -> Bool {
        let last = log.lastIndex
        return last == lastIndex && (last == .zero || self[last].term == log.term(at: last))
    }

    /// Takes over what changed in the log. What lies at or below its base is taken from the committed
    /// log, which must hold it. Returns the first index at which the log differs from before, or nil where
    /// nothing changed.
    mutating func follow(_ log: borrowing EntryLog, _ committed: CommittedLog) -> LogIndex? {
        let (last, base) = (log.lastIndex, log.base.index)
        var same = min(lastIndex, last)
        while same > base, self[same].term != log.term(at: same) { same = same.previous }
        if same <= base { same = lastIndex(agreeingWith: committed, atMost: base) }
        if same == lastIndex, same == last { return nil }
        truncate(after: same)
        adopt(committed, through: base)
        var index = lastIndex.next
        while index <= last {
            let payload = log.withEntry(at: index) { ShadowPayload($0, $1, $2) }
            guard let payload else { preconditionFailure("entry \(index) holds no payload") }
            append(log.term(at: index), payload)
            index = index.next
        }
        return same.next
    }

    /// Up to where the log is the committed one, as far as `index`.
    func lastIndex(agreeingWith committed: CommittedLog, atMost index: LogIndex) -> LogIndex {
        var same = min(index, lastIndex)
        while same > .zero, self[same].chain != committed[same].chain { same = same.previous }
        return same
    }

    /// Takes over what the committed log has behind the end of this one, as far as `index`.
    mutating func adopt(_ committed: CommittedLog, through index: LogIndex) {
        while lastIndex < index {
            let entry = committed[lastIndex.next]
            append(ShadowEntry(term: entry.term, chain: entry.chain, payload: entry.payload))
        }
    }
}
