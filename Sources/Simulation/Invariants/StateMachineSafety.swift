import Raft

/// State Machine Safety: if a server has applied a log entry at a given index to its state machine,
/// no other server will ever apply a different log entry for the same index (Raft figure 3, §5.4.3).
///
/// Committed entries never change, and the value is the one that they amount to.
struct StateMachineSafety {
    /// Compares a node with the committed log, which grows by what the node is the first to know.
    func check(
        _ now: Observation, before: Observation?, view: NodeView, committed: inout CommittedLog
    ) -> String? {
        if let before, let changedFrom = view.changedFrom, changedFrom <= before.commit {
            return """
                State Machine Safety: n\(now.node + 1) changed its log from \(changedFrom.number) \
                on, though \(before.commit.number) is committed
                """
        }
        guard now.commit != before?.commit || now.applied != before?.applied else { return nil }
        guard now.commit <= view.log.lastIndex else {
            return """
                State Machine Safety: n\(now.node + 1) holds \(now.commit.number) for committed, \
                beyond the end of its log at \(view.log.lastIndex.number)
                """
        }
        let known = min(now.commit, committed.lastIndex)
        if known > .zero, view.log[known].chain != committed[known].chain {
            return """
                State Machine Safety: n\(now.node + 1) has other entries committed through \
                \(known.number) than another node had
                """
        }
        while committed.lastIndex < now.commit {
            committed.append(view.log[committed.lastIndex.next], knownIn: now.term)
        }
        return checkValue(now, committed)
    }

    private func checkValue(_ now: Observation, _ committed: CommittedLog) -> String? {
        guard now.applied.index <= now.commit else {
            return """
                State Machine Safety: n\(now.node + 1) has applied \(now.applied.index.number), \
                beyond its commit index \(now.commit.number)
                """
        }
        let state = committed.state(at: now.applied.index)
        if state.value == now.value, state.lastChange == now.lastChange { return nil }
        return """
            State Machine Safety: n\(now.node + 1) has the value \(now.value), last changed at \
            \(now.lastChange.number), at \(now.applied.index.number), where the committed entries \
            amount to \(state.value), last changed at \(state.lastChange.number)
            """
    }

    /// A node has applied an entry.
    func check(_ seen: AppliedEntry, committed: CommittedLog) -> String? {
        let right = committed[seen.index].decision
        if seen.decision == right { return nil }
        return """
            State Machine Safety: on n\(seen.node + 1) entry \(seen.index.number) comes to \
            \(seen.decision.verdict), first at \(seen.decision.first.number), where the committed entries \
            come to \(right.verdict), first at \(right.first.number)
            """
    }
}
