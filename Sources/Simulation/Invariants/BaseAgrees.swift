import Raft

/// What lies at or below a log's base is what the cluster has committed: no log is cut beyond that, and
/// its base is the committed entry of that index (Raft §7).
struct BaseAgrees {
    static func check(_ base: EntryID, node: Int, committed: CommittedLog) -> String? {
        if base.index == .zero { return nil }
        guard base.index <= committed.lastIndex else {
            return """
                Base Agrees: n\(node + 1)'s log begins behind \(base.index.number), and \
                \(committed.lastIndex.number) is committed
                """
        }
        let term = committed[base.index].term
        if term == base.term { return nil }
        return """
            Base Agrees: n\(node + 1)'s log begins behind \(base.index.number) of term \
            \(base.term.number), and the committed entry is of term \(term.number)
            """
    }

    /// A base never goes back, while a process lives.
    static func check(_ now: Observation, before: Observation?) -> String? {
        guard let before, now.base.index < before.base.index else { return nil }
        return """
            Base Agrees: n\(now.node + 1)'s log began behind \(before.base.index.number), and begins \
            behind \(now.base.index.number)
            """
    }
}
