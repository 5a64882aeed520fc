import Raft

/// What a leader commits is on the disks of a majority (Raft §5.3 and figure 2, "persistent state"):
/// what is acknowledged outlives the loss of power of any minority, or of all.
struct CommittedIsDurable {
    func check(_ now: Observation, before: Observation?, views: [NodeView]) -> String? {
        guard let before, now.isLeader, now.commit > before.commit else { return nil }
        // A disk that was lost or put back may have held it.
        guard !views.contains(where: \.hasForgotten) else { return nil }
        let chain = views[now.node].log.chain(at: now.commit)
        let disks = views.count { !$0.isCopy }
        let holders = views.count { !$0.isCopy && $0.disk.holds(now.commit, chain: chain) }
        if holders * 2 > disks { return nil }
        return """
            Committed Is Durable: n\(now.node + 1) committed \(now.commit.number), which \(holders) \
            of \(disks) disks hold
            """
    }
}
