import Primitives
import Raft

/// A vote is never forgotten, nor given to another, within its term: not by a process, and not by the
/// next one on the same disk (Raft §5.2, and figure 2, "persistent state").
struct VotesAreRemembered {
    func check(_ now: Observation, before: Observation?, disk: DurableView) -> String? {
        let past =
            if let before {
                HardState(term: before.term, vote: before.vote)
            } else {
                disk.hardState
            }
        guard now.term == past.term, let vote = past.vote, now.vote != vote else { return nil }
        return """
            Votes Are Remembered: n\(now.node + 1) voted for \(vote) in term \(now.term.number), and \
            holds now that it voted for \(now.vote?.description ?? "nobody")
            """
    }
}
