import Raft

/// Only entries of the leader's current term are committed by counting replicas; those before them
/// are committed with them (Raft §5.4.2, figure 8).
struct CommitByOwnTerm {
    func check(_ now: Observation, before: Observation?, log: LogShadow) -> String? {
        guard let before, before.isLeader, now.isLeader, before.term == now.term,
            now.commit > before.commit, now.commit <= log.lastIndex,
            log[now.commit].term != now.term
        else { return nil }
        return """
            Commit by Own Term: n\(now.node + 1), leading term \(now.term.number), committed \
            \(now.commit.number), an entry of term \(log[now.commit].term.number)
            """
    }
}
