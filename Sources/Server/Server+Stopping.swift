import Posix
import Primitives
import Replica
import WriteAheadLog

/// How far a node that is about to end has come.
struct StopProgress {
    /// When it ends, whoever still waits.
    var deadline: Instant
    /// Until when connections on which nothing is asked are kept for a request that is under way.
    var quietDue: Instant
    /// Whether the gossip was told to say good-bye.
    var isLeavingGossip = false

    /// When the loop must look again.
    func nextLook(at now: Instant) -> Instant { now < quietDue ? quietDue : deadline }
}

/// The end of a node, in this order: it takes no new connections, gives its leadership away, answers
/// what was asked and what still comes on open connections, and then leaves peers, gossip and log.
extension Server {
    /// Begins the end; a second call changes nothing.
    mutating func beginStop(_ cause: String) {
        guard stop == nil else { return }
        nodeLog.write(.stopping(cause: cause), at: now)
        stop = StopProgress(
            deadline: now + ServerLimits.stopping, quietDue: now + ServerLimits.linger)
        replica.step(.stopRequested, at: now, into: &effects)
        mustTurn = true
        // Whoever waits in the listener's queue has a connection already, and gets an answer.
        acceptClients(atMost: ServerLimits.clients)
        for listener in httpListeners { try? poller.remove(listener.socket.descriptor) }
        httpListeners = []
    }

    /// Goes on with the end. The node's exit once everybody has an answer, or no time is left.
    mutating func stopIfDone() throws(ServerFault) -> NodeExit? {
        guard let stop else { return nil }
        if replica.hasHandedOver, !stop.isLeavingGossip {
            self.stop?.isLeavingGossip = true
            gossipEvents.append(.leave)
            mustTurn = true
        }
        if now >= stop.quietDue { endQuietClients() }
        let hasLeft = gossip.hasLeft || !gossipPort.hasSocket
        let isDone =
            hasLeft && replica.hasHandedOver && !replica.hasWaitingRequests && clientCount == 0
        guard isDone || now >= stop.deadline else { return nil }
        flushBeforeEnd()
        do throws(LogFault) {
            try log.close(commit: replica.commit)
        } catch {
            throw .log(error)
        }
        addressBook.finish()
        nodeLog.finish()
        nodeLog.write(.stopped, at: now)
        return NodeExit(code: 0, message: nil)
    }

    /// Ends connections on which nothing is asked. Not sooner, since a request may have been under way
    /// when the stop began.
    private mutating func endQuietClients() {
        for client in seats.clients
        where client.isOpen && client.exchanges.isEmpty && client.unparsed.isEmpty
            && client.sent == client.output.count
        {
            linger(client)
        }
    }

    /// Sends what is on its way, as far as it goes at once.
    mutating func flushBeforeEnd() {
        flushClients()
        for (_, link) in linksByID { _ = link.flush() }
    }

    /// What the process ends with.
    func exit(for fault: ServerFault) -> NodeExit {
        NodeExit(code: fault.exitCode, message: fault.description)
    }
}
