import Primitives
import Raft

/// Directories that are copied, and put back when others have counted on what came after.
extension World {
    /// A copy is made of a node's directory, or put back: where it is certain that all others know
    /// a later start, so that none of them may listen to it.
    func restoreOne() -> Bool {
        var node = nodes[draws.faults.below(nodes.count)]
        if draws.faults.chance(1, in: 2), let copied = nodes.first(where: { $0.copy != nil }) {
            node = copied
        }
        guard node.process != nil, !node.hasLostDisk, node.flipped == nil, !isAnchor(node) else {
            return false
        }
        guard let copy = node.copy else {
            node.copy = DirectoryCopy(
                disk: DiskState(copyOf: node.disk), starts: invariants.views[node.number].start)
            story.add(.fault("n\(node.number + 1)'s directory is copied"), at: now)
            // The start that the others are to remember.
            die(
                node, isPowerLoss: false, downTime: draws.faults.timespan(in: plan.duration),
                how: "killed")
            return false
        }
        guard canLoseDisk, allOthers(than: node, remember: copy.starts) else { return false }
        putBack(copy, on: node)
        return true
    }

    /// Whether the disks of all who may listen to a node know a start of it after that one.
    private func allOthers(than node: SimulatedNode, remember starts: UInt64) -> Bool {
        nodes.allSatisfy { other in
            if other.number == node.number || other.isCopy { return true }
            let view = invariants.views[other.number]
            return view.hasForgotten
                || view.disk.peerStarts.contains {
                    $0.node == node.id && $0.disk == node.disk.number && $0.start.number > starts
                }
        }
    }

    func putBack(_ copy: DirectoryCopy, on node: SimulatedNode) {
        die(
            node, isPowerLoss: true, downTime: draws.faults.timespan(in: plan.duration),
            how: "its directory is put back from an old copy")
        node.disk = DiskState(copyOf: copy.disk)
        node.copy = nil
        node.isOldCopy = true
        invariants.nodePutBack(node.number)
    }
}

/// A copy of a node's directory.
struct DirectoryCopy {
    var disk: DiskState
    /// The newest start that it knows of.
    var starts: UInt64
}
