import Node
import Primitives
import Replica

/// Planned stops of processes, and planned changes of leadership.
extension World {
    /// Within what time a stop must be done, whatever the disk does: what the node gives clients and
    /// gossip, then the disk, and how far a clock may be off.
    private static let stopBound = NodeLimits.stopping + .milliseconds(1_000)

    /// Some node, the leader more often than not, is asked to stop.
    func askToStop() -> Bool {
        var node = nodes[draws.faults.below(nodes.count)]
        if draws.faults.chance(1, in: 2), let leader = nodes.first(where: \.leads) { node = leader }
        guard node.state == .up, let process = node.process, process.stopAskedAt == nil else {
            return false
        }
        process.stopAskedAt = node.clock.reading(at: now)
        process.node.note(.stopRequested)
        story.add(.fault("n\(node.number + 1) is asked to stop"), at: now)
        queue.add(
            .stopOverdue(node: node.number, life: process.life), at: now + World.stopBound * 2)
        wake(node)
        return true
    }

    /// Somebody asks a node, mostly the leader, to let another one lead.
    func askForTransfer() -> Bool {
        var node = nodes[draws.faults.below(nodes.count)]
        if draws.faults.chance(3, in: 4), let leader = nodes.first(where: \.leads) { node = leader }
        guard node.state == .up, let process = node.process else { return false }
        let isToAny = draws.faults.chance(1, in: 2)
        let target = isToAny ? nil : founders[draws.faults.below(founders.count)]
        process.requests.append((.transfer(to: target), RequestID(World.unnumbered)))
        wake(node)
        return true
    }

    /// A process that was asked to stop has done so: in time, and, unless time was up, with every
    /// client answered.
    func stopped(_ node: SimulatedNode, _ process: SimulatedProcess) {
        guard let asked = process.stopAskedAt else {
            return fail("n\(node.number + 1) stops, though nobody has asked")
        }
        let span = node.clock.reading(at: now).since(asked)
        if span < NodeLimits.stopping, !node.openRequests.isEmpty {
            return fail("n\(node.number + 1) stops and leaves \(node.openRequests) unanswered")
        }
        if span > World.stopBound, !process.wasPausedInStop {
            return fail("n\(node.number + 1) took \(span.wholeMilliseconds) ms to stop")
        }
        if process.hasStoppedWithoutDisk { tally.stoppedWithoutDisk += 1 }
        leave(node, after: draws.faults.timespan(in: plan.duration))
    }

    /// A process that was asked to stop has had more than enough time.
    func stopOverdue(_ number: Int, _ life: Int) {
        guard let process = process(number, life), !process.wasPausedInStop else { return }
        fail("n\(number + 1) does not stop")
    }
}
