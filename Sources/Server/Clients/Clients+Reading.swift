import HTTP
import Posix
import Primitives
import Replica

/// Clients: their connections, their requests, their time.
extension Server {
    /// Reads and serves every client that has something to say.
    mutating func takeInClients() {
        guard !readyClients.isEmpty else { return }
        let clients = readyClients
        readyClients.removeAll(keepingCapacity: true)
        for client in clients { receive(from: client) }
    }

    mutating func receive(from client: ClientConnection) {
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
            if client.isOpen { serve(client, through: kept + count) }
        case .wouldBlock:
            if kept > 0 { client.unparsed = Array(inbox[..<kept]) }
        case .end: end(client)
        case nil: close(client)
        }
    }

    /// The client has ended its half. It may still wait for answers to what it asked.
    private mutating func end(_ client: ClientConnection) {
        if client.exchanges.isEmpty && client.sent == client.output.count {
            return close(client)
        }
        if case .lingering = client.phase { return close(client) }
        client.phase = .closing
        setInterest(client.interest.subtracting(.readable), of: client)
    }

    /// Ends the connections whose time is up.
    mutating func sweepClients() {
        let clients = seats.clients
        for client in clients where now >= client.deadline {
            switch client.phase {
            case .lingering: close(client)
            case .closing: close(client)
            case .open:
                if client.sent < client.output.count {
                    close(client)
                } else if client.isSurplus && client.exchanges.isEmpty {
                    refuse(overload, client)
                } else if client.isAmidRequest && client.exchanges.isEmpty {
                    refuse(
                        ProblemDetails(.timeout, "The request was not whole after 10 s."), client)
                } else if client.exchanges.isEmpty {
                    close(client)
                } else {
                    client.deadline = now + ServerLimits.request
                }
            }
        }
        sweepDue = clientCount > 0 ? now + ServerLimits.sweep : .never
    }

    mutating func close(_ client: ClientConnection) {
        try? poller.remove(client.stream.descriptor)
        leave(client)
    }

    mutating func leave(_ client: ClientConnection) {
        guard case .client(let seated) = seats[client.token], seated === client else { return }
        // What the replica still answers finds nobody; the stream is closed with its last reference.
        seats.leave(client.token)
        client.phase = .closing
        client.unparsed.removeAll()
        clientCount -= 1
    }
}
