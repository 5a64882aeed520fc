import Node
import Primitives
import Replica

/// What reaches an end of a connection, and how the process there takes it.
extension World {
    /// Something reaches an end.
    func arrive(_ segment: Segment, at end: LinkEnd) {
        guard end.side.state != .closed else { return arriveTooLate(segment, at: end) }
        if end.connection.stranger != nil, !end.isCalled { return hear(segment, at: end) }
        let node = nodes[end.side.machine]
        guard let process = process(node.number, end.side.life) else { return }
        steps += 1
        switch segment {
        case .connected:
            end.side.state = .open
            story.add(.opened(from: node.number, to: end.other.side.machine), at: now)
            noteConnected(end, process)
        case .bytes(let bytes):
            end.side.arrive(bytes)
            noteReadable(end, process)
        case .room: return flushAgain(end, node, process)
        case .end:
            end.side.hasEnded = true
            story.add(.closed(node.number, towards: end.other.side.machine), at: now)
            noteReadable(end, process)
        case .refused, .reset:
            end.side.state = .closed
            end.side.dropWaiting()
            abandonCall(end)
            network.forgetFinished()
            story.add(.closed(node.number, towards: end.other.side.machine), at: now)
            noteEnded(end, process)
        }
        wake(node)
    }

    private func noteConnected(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard let link = end.side.link else { preconditionFailure("a call without a name") }
        process.node.note(.connected(link))
    }

    private func noteEnded(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard let link = end.side.link, !end.side.isEndNoted else { return }
        end.side.isEndNoted = true
        process.node.note(.ended(link))
    }

    /// Something reaches an end that nobody holds: a machine that runs says so.
    private func arriveTooLate(_ segment: Segment, at end: LinkEnd) {
        guard case .bytes = segment, end.other.side.state == .open else { return }
        let machine = end.side.machine
        if end.side.isSilent, machine < nodes.count, nodes[machine].isPoweredOff { return }
        reset(end.other)
    }

    /// There is room for more of what an end has to send.
    private func flushAgain(
        _ end: LinkEnd, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        guard let link = end.side.link else { return }
        guard node.state == .up else { return process.unblocked.append(link) }
        flush(link, of: node, process)
    }

    /// The process is to look at an end in its next turn.
    func noteReadable(_ end: LinkEnd, _ process: SimulatedProcess) {
        guard end.side.link != nil, !end.side.isReadable,
            end.side.waiting > 0 || end.side.hasEnded
        else { return }
        end.side.isReadable = true
        process.readable.append(end)
    }

    /// Hands over what has come, as far as the node takes it.
    func readStreams(_ process: SimulatedProcess) {
        guard !process.readable.isEmpty else { return }
        let readable = process.readable
        process.readable.removeAll(keepingCapacity: true)
        for end in readable {
            end.side.isReadable = false
            guard end.side.state != .closed, let link = end.side.link else { continue }
            if end.side.waiting > 0 { read(end, link, process) }
            if end.side.waiting > 0 {
                noteReadable(end, process)
            } else if end.side.hasEnded {
                noteEnded(end, process)
            }
        }
    }

    private func read(_ end: LinkEnd, _ link: LinkID, _ process: SimulatedProcess) {
        let count = min(end.side.waiting, process.node.room(on: link))
        guard count > 0 else { return }
        process.node.receive(end.side.arrived, end.side.rest.prefix(count), on: link)
        end.side.take(count)
        makeRoom(at: end)
        // A peer's few bytes come and go.
        if end.connection.stranger != nil || count > 4_096 { checkBuffers(end, link, process) }
    }

    func checkBuffers(_ end: LinkEnd, _ link: LinkID, _ process: SimulatedProcess) {
        guard let waiting = process.node.waitingBytes(on: link) else { return }
        let isStranger = end.connection.stranger != nil
        if let fault = BuffersAreBounded.check(
            waiting, isStranger: isStranger, node: end.side.machine)
        {
            fail(fault)
        }
    }

    /// What was taken makes room for more.
    func makeRoom(at end: LinkEnd) {
        guard end.side.isSenderBlocked, end.side.room > 0 else { return }
        end.side.isSenderBlocked = false
        post(.room, to: end.other)
    }

    /// Whether something waits that a node takes in now.
    func canRead(_ process: SimulatedProcess) -> Bool {
        process.readable.contains { end in
            guard let link = end.side.link, end.side.state != .closed else { return false }
            return end.side.waiting > 0 ? process.node.room(on: link) > 0 : end.side.hasEnded
        }
    }
}
