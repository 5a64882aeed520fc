import Raft

/// Leader Completeness: if a log entry is committed in a given term, then that entry will be present
/// in the logs of the leaders for all higher-numbered terms (Raft figure 3, §5.4).
struct LeaderCompleteness {
    /// A node that has just begun to lead has everything that earlier terms committed.
    func check(
        _ now: Observation, before: Observation?, log: LogShadow, committed: CommittedLog
    ) -> String? {
        guard now.beganToLead(since: before) else { return nil }
        var index = committed.lastIndex
        while index > .zero, committed[index].knownIn >= now.term { index = index.previous }
        return lacks(now, log, index, committed)
    }

    /// An entry that has just been committed is there in every leader of a later term.
    func check(
        committedIn term: Term, committed: CommittedLog, views: [NodeView]
    ) -> String? {
        for view in views {
            guard let leader = view.last, leader.isLeader, leader.term > term else { continue }
            if let fault = lacks(leader, view.log, committed.lastIndex, committed) { return fault }
        }
        return nil
    }

    private func lacks(
        _ leader: Observation, _ log: LogShadow, _ index: LogIndex, _ committed: CommittedLog
    ) -> String? {
        if index == .zero || log.chain(at: index) == committed[index].chain { return nil }
        return """
            Leader Completeness: n\(leader.node + 1) leads term \(leader.term.number) without the \
            entries that term \(committed[index].knownIn.number) committed through \(index.number)
            """
    }
}
