import Founding
import Raft

/// What was synced is there when the log is opened again (Raft §5.1, "persistent state").
struct NothingSyncedIsLost {
    func check(
        _ recovered: DurableView, node: Int, disk: DurableView, committed: CommittedLog
    ) -> String? {
        let (hardState, log) = (recovered.hardState, recovered.log)
        if hardState.term < disk.hardState.term
            || (hardState.term == disk.hardState.term && disk.hardState.vote != nil
                && hardState.vote != disk.hardState.vote)
        {
            return """
                Nothing Synced Is Lost: n\(node + 1) had synced term \
                \(disk.hardState.term.number) vote \(disk.hardState.vote?.description ?? "-"), and \
                has term \(hardState.term.number) vote \(hardState.vote?.description ?? "-")
                """
        }
        if recovered.founding.rank < disk.founding.rank {
            return "Nothing Synced Is Lost: n\(node + 1) has forgotten its founding"
        }
        let forgotten = disk.peerStarts.first { seen in
            !recovered.peerStarts.contains {
                $0.node == seen.node && $0.disk == seen.disk && $0.start.number >= seen.start.number
            }
        }
        if let forgotten {
            return """
                Nothing Synced Is Lost: n\(node + 1) has forgotten start \(forgotten.start.number) of \
                \(forgotten.node)
                """
        }
        // A newer one that was being saved counts where it came to be there.
        let isSaving = disk.savedSnapshot.index > disk.snapshot.index
        for snapshot in isSaving ? [disk.snapshot, disk.savedSnapshot] : [disk.snapshot] {
            var expected = disk.log
            let agreed = expected.lastIndex(agreeingWith: committed, atMost: snapshot.index)
            if agreed < snapshot.index {
                expected.truncate(after: agreed)
                expected.adopt(committed, through: snapshot.index)
            }
            // A write that was under way may have replaced entries from some index on.
            var index = expected.lastIndex
            if let replaced = disk.replacedFrom {
                index = max(snapshot.index, min(index, replaced.previous))
            }
            if log.chain(at: index) == expected.chain(at: index) { return nil }
        }
        return """
            Nothing Synced Is Lost: n\(node + 1) had synced entries through \
            \(disk.log.lastIndex.number) and a snapshot through \(disk.snapshot.index.number), and \
            its log ends at \(log.lastIndex.number) or differs
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
