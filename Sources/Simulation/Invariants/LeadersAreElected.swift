import Raft

/// Whoever leads a term has votes of that very term from a majority of the servers (Raft §5.2).
struct LeadersAreElected {
    func check(
        _ now: Observation, before: Observation?, votes: OneVoteATerm, nodes: Int
    ) -> String? {
        // A node that is alone asks nobody.
        guard now.beganToLead(since: before), nodes > 1 else { return nil }
        let count = votes.votes(forLeader: now.node, of: now.term, nodes: nodes)
        if count * 2 > nodes { return nil }
        return """
            Leaders Are Elected: n\(now.node + 1) leads term \(now.term.number) with \(count) votes \
            of \(nodes)
            """
    }
}
