import HTTP
import Posix
import Primitives
import Replica

/// Reading from clients, and ending those whose time is up.
extension Clients {
    /// Reads and serves every client that has something to say.
    mutating func readAll(_ core: inout CounterNode) {
        guard !ready.isEmpty else { return }
        let clients = ready
        ready.removeAll(keepingCapacity: true)
        for client in clients { receive(from: client, &core) }
    }

    mutating func receive(from client: ClientConnection, _ core: inout CounterNode) {
        // What it says behind requests that are left unread, its end too, is taken after them.
        if client.takesRequests && !client.hasRoom { return }
        let kept = client.unparsed.count
        if kept > 0 {
            if inbox.count < kept + ServerLimits.inbox {
                inbox.append(contentsOf: repeatElement(0, count: ServerLimits.inbox))
            }
            inbox.replaceSubrange(0..<kept, with: client.unparsed)
            client.unparsed.removeAll(keepingCapacity: true)
        }
        switch try? client.stream.read(into: &inbox, at: kept) {
        case .bytes(let count):
            if client.isOpen { serve(client, through: kept + count, &core) }
        case .wouldBlock:
            if kept > 0 { client.unparsed = Array(inbox[..<kept]) }
        case .end: end(client)
        case nil: close(client)
        }
    }

    /// The client has ended its half. It may still wait for answers to what it asked.
    private mutating func end(_ client: ClientConnection) {
        if client.exchanges.isEmpty && client.output.isEmpty {
            return close(client)
        }
        if case .lingering = client.phase { return close(client) }
        client.phase = .closing
        setInterest(client.interest.subtracting(.readable), of: client)
    }

    /// Ends the connections whose time is up.
    mutating func sweep(_ core: inout CounterNode) {
        for client in watchlist.clients where core.now >= client.deadline {
            switch client.phase {
            case .lingering: close(client)
            case .closing: close(client)
            case .open:
                if !client.output.isEmpty {
                    close(client)
                } else if client.isSurplus && client.exchanges.isEmpty {
                    refuse(overload, client, core)
                } else if client.isAmidRequest && client.exchanges.isEmpty {
                    refuse(
                        ProblemDetails(.timeout, "The request was not whole after 10 s."), client,
                        core)
                } else if client.exchanges.isEmpty {
                    close(client)
                } else {
                    client.deadline = core.now + ServerLimits.request
                }
            }
        }
        sweepDue = count > 0 ? core.now + ServerLimits.sweep : .never
    }

    mutating func close(_ client: ClientConnection) {
        guard case .client(let known) = watchlist[client.token], known === client else { return }
        // What the node still answers finds nobody; the stream is closed with its last reference.
        watchlist.remove(client.stream.descriptor, client.token)
        client.phase = .closing
        client.unparsed.removeAll()
        count -= 1
    }
}
