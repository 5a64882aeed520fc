import HTTP
import Posix
import Primitives

/// Taking connections of clients in. Whoever is one more than fit is answered so, never just closed.
///
/// ```
///  served: at most clientLimit │ surplus: 16 more, which wait a moment for their request, since its
///                              │ answer depends on it, and are answered `overloaded`
/// ```
///
/// Connections that have been answered and are only read on, so that a reset can't take the answer
/// away, count as well. Where room is short they give way, the oldest first.
extension Server {
    /// Takes waiting connections in; what is left in the queue is looked at in the next turn.
    mutating func acceptClients(atMost count: Int = ServerLimits.acceptsInTurn) {
        hasWaitingClients = false
        let listeners = httpListeners
        for listener in listeners { acceptClients(from: listener, atMost: count) }
    }

    private mutating func acceptClients(from listener: Listener, atMost count: Int) {
        for _ in 0..<count {
            do throws(Errno) {
                guard let stream = try listener.socket.accept() else { return }
                seatClient(stream)
            } catch {
                // No descriptor is left, whoever took them.
                guard giveUpOneConnection() || turnAway(from: listener, error) else { return }
            }
        }
    }

    private mutating func seatClient(_ stream: consuming TCPStream) {
        if clientCount >= clientLimit { _ = giveUpLingering() }
        let isSurplus = clientCount >= clientLimit
        if clientCount >= clientLimit + ServerLimits.surplus { _ = giveUpSurplus() }
        let token = seats.reserve()
        let client = ClientConnection(
            stream, token: token,
            deadline: now + (isSurplus ? ServerLimits.linger : ServerLimits.idle),
            isSurplus: isSurplus)
        seats.occupy(token, .client(client))
        clientCount += 1
        do throws(Errno) {
            try poller.register(client.stream.descriptor, token: token, interest: .readable)
        } catch {
            return leave(client)
        }
        if isSurplus { noteSurplus(token) }
        if sweepDue == .never { sweepDue = now + ServerLimits.sweep }
    }

    /// Puts a surplus connection into the row of those that wait; the row forgets those that have gone.
    private mutating func noteSurplus(_ token: PollToken) {
        while let first = surplus.first {
            if case .client = seats[first] { break }
            surplus.popFirst()
        }
        surplus.append(token)
    }

    /// Puts a connection that is only read on into the row of those that can be given up.
    mutating func noteLingering(_ client: ClientConnection) {
        while let first = lingering.first, !isLingering(first) { lingering.popFirst() }
        lingering.append(client.token)
    }

    private func isLingering(_ token: PollToken) -> Bool {
        guard case .client(let client) = seats[token], case .lingering = client.phase else {
            return false
        }
        return true
    }

    /// Makes room for another connection. False where there is none to be made.
    private mutating func giveUpOneConnection() -> Bool { giveUpLingering() || giveUpSurplus() }

    private mutating func giveUpLingering() -> Bool {
        while let token = lingering.popFirst() {
            guard isLingering(token), case .client(let client) = seats[token] else { continue }
            // What it has said meanwhile is taken, or closing would be a reset.
            _ = try? client.stream.read(into: &inbox, at: 0)
            close(client)
            return true
        }
        return false
    }

    /// Answers the surplus connection that has waited longest, and closes it.
    private mutating func giveUpSurplus() -> Bool {
        while let token = surplus.popFirst() {
            guard case .client(let client) = seats[token], client.isOpen else { continue }
            receive(from: client)
            if client.isOpen && client.exchanges.isEmpty { refuse(overload, client) }
            // It is sent at once, and nothing may hold the connection afterwards.
            if dirtyClients.last === client {
                dirtyClients.removeLast()
                client.isDirty = false
            }
            flush(client)
            close(client)
            return true
        }
        return false
    }

    /// Answers a waiting connection by way of the descriptor that the listener keeps for that. False
    /// where none waits.
    private mutating func turnAway(from listener: Listener, _ error: Errno) -> Bool {
        nodeLog.write(.acceptFailed("http", "\(error)"), at: now)
        var parser = RequestParser()
        let taken = try? listener.socket.shed { stream in
            if case .bytes(let count) = try? stream.read(into: &inbox, at: 0) {
                _ = parser.parse(inbox, from: 0, to: count)
            }
            var answer: [UInt8] = []
            render(overload, allow: nil, isHead: parser.isHead, closes: true, into: &answer)
            _ = try? stream.write(answer, 0..<answer.count)
            try? stream.shutdownWrite()
            _ = try? stream.read(into: &inbox, at: 0)
        }
        return taken ?? false
    }
}
