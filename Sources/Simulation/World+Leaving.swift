import Primitives
import Raft
import Replica
import WriteAheadLog

/// Planned ends of processes, and planned changes of leadership.
extension World {
    /// How long a process that was asked to end waits for its clients' answers.
    private static let stopping = Timespan.milliseconds(4_000)

    /// Some node, the leader more often than not, is asked to end.
    func askToStop() -> Bool {
        var node = nodes[faultRandom.below(nodes.count)]
        if faultRandom.chance(1, in: 2), let leader = nodes.first(where: \.leads) { node = leader }
        guard node.state == .up, let process = node.process, !process.isAskedToStop else {
            return false
        }
        process.isAskedToStop = true
        process.inbox.isStopRequested = true
        story.add(.fault("n\(node.number + 1) is asked to end"), at: now)
        queue.add(.stopOverdue(node: node.number, life: process.life), at: now + World.stopping)
        wake(node)
        return true
    }

    /// Somebody asks a node, mostly the leader, to let another one lead.
    func askForTransfer() -> Bool {
        var node = nodes[faultRandom.below(nodes.count)]
        if faultRandom.chance(3, in: 4), let leader = nodes.first(where: \.leads) { node = leader }
        guard node.state == .up, let process = node.process else { return false }
        let isToAny = faultRandom.chance(1, in: 2)
        let target = isToAny ? nil : founders[faultRandom.below(founders.count)]
        process.inbox.requests.append((.transfer(to: target), RequestID(World.unnumbered)))
        wake(node)
        return true
    }

    /// Whether a process that was asked to end has done all that it has to do before.
    func canEnd(_ process: SimulatedProcess) -> Bool {
        process.isAskedToStop && process.replica.hasHandedOver
            && !process.replica.hasWaitingRequests && process.inbox.requests.isEmpty
    }

    /// A process that was asked to end does so; every client has its answer.
    func endAsAsked(_ node: SimulatedNode, _ process: SimulatedProcess) {
        if !node.openRequests.isEmpty {
            return fail("n\(node.number + 1) ends and leaves \(node.openRequests) unanswered")
        }
        close(node, process)
    }

    /// A process that was asked to end waits no longer.
    func stopOverdue(_ number: Int, _ life: Int) {
        guard let process = process(number, life), !process.isSyncing else {
            // What is being written keeps the process; it ends right after.
            process(number, life)?.isStopOverdue = true
            return
        }
        close(nodes[number], process)
    }

    func close(_ node: SimulatedNode, _ process: SimulatedProcess) {
        do throws(LogFault) {
            try process.log.close(commit: process.replica.commit)
        } catch {
            return diskFailed(node, error)
        }
        leave(node, after: faultRandom.timespan(in: plan.duration))
    }
}
