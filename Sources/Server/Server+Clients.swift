import HTTP
import Posix
import Primitives
import Replica

/// Clients: their connections, their requests, their time.
extension Server {
    /// Takes waiting connections in. One more than the bound is answered and closed.
    mutating func acceptClients(atMost count: Int = ServerLimits.acceptsInTurn) {
        for _ in 0..<count {
            do throws(Errno) {
                guard let stream = try httpListener?.accept() else { return }
                seatClient(stream)
            } catch {
                // No descriptor is left: one waiting connection is dropped so that the rest of the
                // loop goes on, and the backlog can't spin it.
                nodeLog.write(.acceptFailed("http", "\(error)"), at: now)
                _ = try? httpListener?.shed()
                return
            }
        }
    }

    private mutating func seatClient(_ stream: consuming TCPStream) {
        let token = seats.reserve()
        let client = ClientConnection(stream, token: token, deadline: now + ServerLimits.idle)
        seats.occupy(token, .client(client))
        clientCount += 1
        do throws(Errno) {
            try poller.register(client.stream.descriptor, token: token, interest: .readable)
        } catch {
            return leave(client)
        }
        if sweepDue == .never { sweepDue = now + ServerLimits.sweep }
        if clientCount > clientLimit {
            let problem = ProblemDetails(
                .serviceUnavailable, code: "overloaded",
                detail: "This node serves \(clientLimit) connections already.")
            render(problem, allow: nil, isHead: false, closes: true, into: &client.output)
            client.phase = .closing
            markDirty(client)
        }
    }

    /// Reads and serves every client that has something to say.
    mutating func takeInClients() {
        guard !readyClients.isEmpty else { return }
        let clients = readyClients
        readyClients.removeAll(keepingCapacity: true)
        for client in clients { receive(from: client) }
    }

    private mutating func receive(from client: ClientConnection) {
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
                } else if client.isAmidRequest && client.exchanges.isEmpty {
                    refuse(
                        ProblemDetails(
                            .requestTimeout, code: "timeout",
                            detail: "The request was not whole after 10 s."), client)
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

    private mutating func leave(_ client: ClientConnection) {
        guard case .client(let seated) = seats[client.token], seated === client else { return }
        // What the replica still answers finds nobody; the stream is closed with its last reference.
        seats.leave(client.token)
        client.phase = .closing
        client.unparsed.removeAll()
        clientCount -= 1
    }
}
