import Raft

/// A vote is never forgotten, nor given to another, within its term: not by a process, not on its
/// disk, and not by the next process on that disk (Raft §5.2, figure 2: `currentTerm` and `votedFor`
/// are persistent).
struct VotesAreRemembered {
    /// What a node's process or its disk held as `before` is `now`.
    func check(_ now: HardState, after before: HardState, node: Int) -> String? {
        let isForgotten = now.term == before.term && before.vote != nil && now.vote != before.vote
        guard now.term < before.term || isForgotten else { return nil }
        return """
            Votes Are Remembered: n\(node + 1) held term \(before.term.number) vote \
            \(before.vote?.description ?? "-"), and holds term \(now.term.number) vote \
            \(now.vote?.description ?? "-")
            """
    }
}
