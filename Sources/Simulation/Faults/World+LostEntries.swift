import Node
import Primitives
import Raft
import Replica
import WriteAheadLog

/// Disks that lose their newest batch, though it was synced and acknowledged, and the mark behind it: the one
/// window that `docs/disk-format.md` names. Nothing on such a disk tells.
extension World {
    /// Some node loses entries. Returns whether there were any to lose.
    func loseEntries() -> Bool {
        loseEntries(
            of: nodes[draws.losses.below(nodes.count)],
            downTime: draws.losses.timespan(in: plan.duration))
    }

    /// A node's machine dies, and with it the newest entries on its disk: those that a majority of the
    /// other disks holds, since nothing can make up for others.
    func loseEntries(of node: SimulatedNode, downTime: Timespan) -> Bool {
        guard let process = node.process, process.pendingRequest == nil, process.saving == nil,
            !node.hasLostDisk, !node.hasLostEntries, !node.isCopy, !node.hasOldProgram,
            node.flipped == nil, !isAnchor(node), canLoseDisk,
            invariants.views.allSatisfy({ $0.hasForgotten || $0.disk.founding.rank == 2 }),
            isNewestEntryHeldByOthers(than: node)
        else { return false }
        let disk = DiskState(copyOf: node.disk)
        guard disk.loseLastBatch(), let view = viewOfLoss(on: disk, of: node) else { return false }
        let loss = leaderThatCounted(node)
        die(
            node, isPowerLoss: true, downTime: downTime, how: "its disk loses its newest entries")
        node.disk = disk
        node.hasLostEntries = true
        invariants.nodeLostEntries(node.number, view, to: loss)
        return true
    }

    /// Whether a majority of disks that are whole, without this node's, holds all that this one does.
    private func isNewestEntryHeldByOthers(than node: SimulatedNode) -> Bool {
        let log = invariants.views[node.number].disk.log
        let holders = nodes.count { other in
            other.number != node.number && !other.isCopy && !other.hasLostDisk
                && !other.hasLostEntries && other.flipped == nil
                && invariants.views[other.number].disk.holds(
                    log.lastIndex, chain: log.chain(at: log.lastIndex))
        }
        return holders * 2 > founders.count
    }

    /// What a process will find on the disk; nil where it is not just a log that ends sooner.
    private func viewOfLoss(on disk: DiskState, of node: SimulatedNode) -> DurableView? {
        let before = invariants.views[node.number]
        guard
            let opened = try? WriteAheadLog.open(
                SimulatedDisk(state: DiskState(copyOf: disk)), cluster: World.cluster,
                node: node.id, newDisk: disk.number, limits: limits)
        else { return nil }
        let view = DurableView(opened.recovered, invariants.committed)
        guard view.log.lastIndex < before.disk.log.lastIndex,
            view.hardState == before.disk.hardState, view.founding == before.disk.founding,
            view.snapshot == before.disk.snapshot,
            view.peerStarts.count == before.disk.peerStarts.count,
            opened.recovered.starts.count == before.start
        else { return nil }
        return view
    }

    /// The leader that has heard the node acknowledge all that is on its disk, if there is one.
    private func leaderThatCounted(_ node: SimulatedNode) -> LostEntriesAreNoticed.Loss? {
        let disk = invariants.views[node.number].disk
        for other in nodes where other.leads && !other.hasOldProgram && !other.isCopy {
            guard let process = other.process, process.node.term == disk.hardState.term,
                let peer = process.node.status(at: other.clock.reading(at: now)).peers
                    .first(where: { $0.node == node.id }),
                peer.match >= disk.log.lastIndex
            else { continue }
            return LostEntriesAreNoticed.Loss(leader: other.number, term: disk.hardState.term)
        }
        return nil
    }
}
