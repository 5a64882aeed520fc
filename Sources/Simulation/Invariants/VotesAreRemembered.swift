import Raft

/// A vote is never forgotten: what a disk holds goes from term to term, and within a term from no
/// vote to one that stays (Raft §5.2, figure 2: `currentTerm` and `votedFor` are persistent).
struct VotesAreRemembered {
    /// A disk that held `before` holds `now`.
    func check(_ now: HardState, after before: HardState, node: Int) -> String? {
        let isForgotten = now.term == before.term && before.vote != nil && now.vote != before.vote
        guard now.term < before.term || isForgotten else { return nil }
        return """
            Votes Are Remembered: the disk of n\(node + 1) held term \(before.term.number) vote \
            \(before.vote?.description ?? "-"), and holds term \(now.term.number) vote \
            \(now.vote?.description ?? "-")
            """
    }
}
