import Raft

/// Leader Append-Only: a leader never overwrites or deletes entries in its log; it only appends new
/// entries (Raft figure 3, §5.3).
struct LeaderAppendOnly {
    func check(
        _ now: Observation, before: Observation?, changedFrom: LogIndex?, lastIndexBefore: LogIndex
    ) -> String? {
        guard let before, before.isLeader, now.isLeader, before.term == now.term,
            let changedFrom, changedFrom <= lastIndexBefore
        else { return nil }
        return """
            Leader Append-Only: n\(now.node + 1), leading term \(now.term.number), changed its log \
            from \(changedFrom.number) on, which ended at \(lastIndexBefore.number)
            """
    }
}
