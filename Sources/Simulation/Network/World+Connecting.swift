import Node
import Primitives
import Replica

/// How connections come about, and how they end.
extension World {
    /// After how long a call that nobody has heard is repeated, as TCP does.
    private static let retry = Timespan.milliseconds(1_000)
    /// How many calls wait at a port until the process takes them in.
    private static let backlog = 24

    /// A process calls an address.
    func call(_ call: Node.Effects.Call, from node: SimulatedNode, _ process: SimulatedProcess) {
        guard let port = SimulatedPort(rawValue: call.to.port) else {
            preconditionFailure("a call to \(call.to)")
        }
        // To an address that is nobody's it is as far as anywhere.
        let called = machine(at: call.to) ?? node.number
        let connection = network.open(port, from: node.number, life: process.life, to: called)
        let end = LinkEnd(connection: connection, isCalled: false)
        end.side.link = call.link
        process.links.append((call.link, end))
        story.add(.calls(node.number, "\(call.to)"), at: now)
        guard machine(at: call.to) != nil else { return callNobody(end) }
        reach(connection)
    }

    /// A router says at once that there is no such address, or nobody says anything.
    private func callNobody(_ end: LinkEnd) {
        tally.callsToNobody += 1
        if network.random.chance(1, in: 2) { post(.refused, to: end) }
    }

    /// The call sets out to the called machine.
    func reach(_ connection: Connection) {
        let (caller, called) = (connection.caller.machine, connection.called.machine)
        guard connection.caller.state == .connecting else { return }
        guard !network.isCut(from: caller, to: called) else {
            return queue.add(.reach(connection), at: now + World.retry)
        }
        queue.add(.called(connection), at: now + network.delay(from: caller, to: called))
    }

    /// The call has come to the called machine.
    func called(_ connection: Connection) {
        let end = LinkEnd(connection: connection, isCalled: true)
        let node = nodes[connection.called.machine]
        guard connection.caller.state == .connecting else { return }
        guard let process = node.process else {
            // A machine that runs says that nobody listens; one without power says nothing.
            return node.isPoweredOff
                ? queue.add(.reach(connection), at: now + World.retry)
                : post(.refused, to: end.other)
        }
        guard process.backlog.count < World.backlog else {
            return queue.add(.reach(connection), at: now + World.retry)
        }
        connection.called.life = process.life
        connection.called.state = .open
        process.backlog.append(end)
        post(.connected, to: end.other)
        wake(node)
    }

    /// Takes in those who have called: at the Raft port one in a turn, and when the node says so.
    func acceptCallers(_ node: SimulatedNode, _ process: SimulatedProcess, at reading: Instant) {
        guard !process.backlog.isEmpty else { return }
        var isPortFree = reading >= process.node.nextAcceptance
        let backlog = process.backlog
        process.backlog.removeAll(keepingCapacity: true)
        for end in backlog where end.side.state == .open {
            let port: Node.Port = end.connection.port == .gossip ? .gossip : .raft
            if port == .raft {
                guard isPortFree else {
                    process.backlog.append(end)
                    continue
                }
                isPortFree = false
            }
            let link = process.node.accept(at: port, now: reading, into: &effects)
            end.side.link = link
            process.links.append((link, end))
            noteReadable(end, process)
        }
    }

    /// Ends the connection from this side: what has left arrives, and then the end; where something
    /// has come that nobody took, all of it may be lost.
    func close(_ end: LinkEnd) {
        guard end.side.state != .closed else { return }
        let isReset = end.side.waiting > 0 || end.side.state == .connecting
        end.side.state = .closed
        end.side.dropWaiting()
        abandonCall(end)
        if end.other.side.state != .closed {
            isReset ? reset(end.other) : post(.end, to: end.other)
        }
        network.forgetFinished()
    }

    /// A call that nobody has heard yet is heard by nobody any more.
    func abandonCall(_ end: LinkEnd) {
        if end.other.side.state == .connecting { end.other.side.state = .closed }
    }

    /// Breaks a connection off: the end learns of it, and loses what is under way to it.
    func reset(_ end: LinkEnd) {
        let (sender, receiver) = (end.other.side.machine, end.side.machine)
        guard !network.isCut(from: sender, to: receiver) else {
            end.side.stuck = [.reset]
            return
        }
        queue.add(.arrival(end, .reset), at: now + network.delay(from: sender, to: receiver))
    }

    /// A process is gone: its connections end, in the other ends' sight at once or, where a machine
    /// fell silent, only when somebody tries them.
    func loseConnections(of node: SimulatedNode, isSilent: Bool) {
        for connection in network.standing {
            for isCalled in [false, true] {
                let end = LinkEnd(connection: connection, isCalled: isCalled)
                guard end.side.machine == node.number, end.side.life == node.life,
                    end.side.state != .closed
                else { continue }
                if isSilent {
                    end.side.state = .closed
                    end.side.isSilent = true
                    abandonCall(end)
                } else {
                    close(end)
                }
            }
        }
        network.forgetFinished()
    }
}
