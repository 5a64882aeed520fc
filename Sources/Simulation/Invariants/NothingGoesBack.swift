import Raft

/// Terms increase monotonically (Raft §5.1), and so do the indices known committed and applied
/// (figure 2, volatile state).
struct NothingGoesBack {
    func check(_ now: Observation, before: Observation?) -> String? {
        guard let before else { return nil }
        if now.term < before.term {
            return "Terms: n\(now.node + 1) went from \(before.term.number) to \(now.term.number)"
        }
        if now.commit < before.commit {
            return """
                Commit: n\(now.node + 1) went from \(before.commit.number) to \(now.commit.number)
                """
        }
        if now.applied.index < before.applied.index {
            return """
                Applied: n\(now.node + 1) went from \(before.applied.index.number) to \
                \(now.applied.index.number)
                """
        }
        return nil
    }
}
