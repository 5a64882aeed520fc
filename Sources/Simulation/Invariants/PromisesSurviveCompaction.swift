import Founding
import Raft

/// What a node has promised outlives the segments in which it was written: its term and vote, to which
/// record it has pledged, its own starts and those of its peers, and every entry that no snapshot stands
/// for (Raft figure 2, "persistent state", and §7).
///
/// A second process is started from a copy of the disk as often as segments are dropped, and after every
/// restart.
struct PromisesSurviveCompaction {
    static func check(
        _ recovered: DurableView, starts: UInt64, node: Int, disk: DurableView, started: UInt64,
        committed: CommittedLog
    ) -> String? {
        if starts != started {
            return """
                Promises Survive Compaction: n\(node + 1) has started \(started) times, and its disk \
                knows of \(starts)
                """
        }
        let lost = NothingSyncedIsLost().check(
            recovered, node: node, disk: disk, committed: committed)
        return lost.map { "Promises Survive Compaction: \($0)" }
    }
}
