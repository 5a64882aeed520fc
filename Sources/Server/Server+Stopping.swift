import Posix
import Primitives
import Replica
import WriteAheadLog

/// The end of a node: no new requests, answers to those that wait, good-bye to the other members, the
/// log closed.
extension Server {
    /// Begins the end; a second call changes nothing.
    mutating func beginStop(_ cause: String) {
        guard stopDeadline == nil else { return }
        nodeLog.line("stopping after \(cause)")
        stopDeadline = now + ServerLimits.stopping
        replica.step(.stopRequested, at: now, into: &effects)
        gossipEvents.append(.leave)
        mustTurn = true
        if let descriptor = httpListener?.descriptor { try? poller.remove(descriptor) }
        httpListener = nil
        for client in seats.clients where client.exchanges.isEmpty { closeIfIdle(client) }
    }

    private mutating func closeIfIdle(_ client: ClientConnection) {
        if client.unparsed.isEmpty && client.sent == client.output.count { close(client) }
    }

    /// The node's exit once everybody has an answer, or no time is left.
    mutating func stopIfDone() throws(ServerFault) -> NodeExit? {
        guard let stopDeadline else { return nil }
        let hasLeft = gossip.hasLeft || gossipPort.socket == nil
        let isDone =
            hasLeft && !replica.hasWaitingRequests
            && !seats.clients.contains { $0.hasUnsentOutput }
        guard isDone || now >= stopDeadline else { return nil }
        do throws(LogFault) {
            try log.close(commit: replica.commit)
        } catch {
            throw .log(error)
        }
        addressBook.finish()
        nodeLog.line("stopped")
        return NodeExit(code: 0, message: nil)
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

extension ClientConnection {
    fileprivate var hasUnsentOutput: Bool { sent < output.count }
}
