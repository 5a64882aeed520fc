import Raft

/// What was synced is there when the log is opened again (Raft §5.1, "persistent state").
struct NothingSyncedIsLost {
    func check(
        _ recovered: HardState, _ founding: FoundingState, _ log: LogShadow, node: Int,
        disk: DurableView
    ) -> String? {
        if recovered.term < disk.hardState.term
            || (recovered.term == disk.hardState.term && disk.hardState.vote != nil
                && recovered.vote != disk.hardState.vote)
        {
            return """
                Nothing Synced Is Lost: n\(node + 1) had synced term \
                \(disk.hardState.term.number) vote \(disk.hardState.vote?.description ?? "-"), and \
                has term \(recovered.term.number) vote \(recovered.vote?.description ?? "-")
                """
        }
        if founding.rank < disk.founding.rank {
            return "Nothing Synced Is Lost: n\(node + 1) has forgotten its founding"
        }
        // A write that was under way may have replaced entries from some index on.
        var index = disk.log.lastIndex
        if let replaced = disk.replacedFrom { index = min(index, replaced.previous) }
        if log.chain(at: index) == disk.log.chain(at: index) { return nil }
        return """
            Nothing Synced Is Lost: n\(node + 1) had synced entries through \(index.number), and its \
            log ends at \(log.lastIndex.number) or differs
            """
    }
}

extension FoundingState {
    /// 0 for a newborn, 1 for a pledged one, 2 for a founded one.
    var rank: Int {
        switch self {
        case .newborn: 0
        case .pledged: 1
        case .founded: 2
        }
    }
}
