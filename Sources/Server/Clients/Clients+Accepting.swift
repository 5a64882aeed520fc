import HTTP
import Posix
import Primitives

/// Taking connections of clients in. Whoever is one more than fit is answered so, never just closed.
///
/// ```
///  served: at most limit │ surplus: 16 more, which wait a moment for their request, since its
///                              │ answer depends on it, and are answered `overloaded`
/// ```
///
/// Connections that have been answered and are only read on, so that a reset can't take the answer
/// away, count as well. Where room is short they give way, the oldest first.
extension Clients {
    /// Takes waiting connections in; what is left in the queue is looked at in the next turn.
    mutating func accept(
        _ core: inout CounterNode, _ log: inout NodeLog,
        atMost most: Int = ServerLimits.acceptsInTurn
    ) {
        hasWaiting = false
        let listeners = listeners
        for listener in listeners { accept(from: listener, atMost: most, &core, &log) }
    }

    private mutating func accept(
        from listener: Listener, atMost most: Int, _ core: inout CounterNode, _ log: inout NodeLog
    ) {
        for _ in 0..<most {
            do throws(Errno) {
                guard let stream = try listener.socket.accept() else { return }
                add(stream, &core)
            } catch {
                // No descriptor is left, whoever took them.
                guard giveUpOne(&core) || refuseOne(from: listener, error, core.now, &log)
                else { return }
            }
        }
    }

    private mutating func add(_ stream: consuming TCPStream, _ core: inout CounterNode) {
        if count >= limit { _ = giveUpLingering() }
        let isSurplus = count >= limit
        if count >= limit + ServerLimits.surplus { _ = giveUpSurplus(&core) }
        let token = watchlist.reserve()
        let client = ClientConnection(
            stream, token: token,
            deadline: core.now + (isSurplus ? ServerLimits.linger : ServerLimits.idle),
            isSurplus: isSurplus)
        do throws(Errno) {
            try watchlist.put(.client(client), at: token, client.stream.descriptor)
        } catch {
            return
        }
        count += 1
        if isSurplus { noteSurplus(token) }
        if sweepDue == .never { sweepDue = core.now + ServerLimits.sweep }
    }

    /// Puts a surplus connection into the row of those that wait; the row forgets those that have gone.
    private mutating func noteSurplus(_ token: PollToken) {
        while let first = surplus.first {
            if case .client = watchlist[first] { break }
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
        guard case .client(let client) = watchlist[token], case .lingering = client.phase else {
            return false
        }
        return true
    }

    /// Makes room for another connection. False where there is none to be made.
    private mutating func giveUpOne(_ core: inout CounterNode) -> Bool {
        giveUpLingering() || giveUpSurplus(&core)
    }

    private mutating func giveUpLingering() -> Bool {
        while let token = lingering.popFirst() {
            guard isLingering(token), case .client(let client) = watchlist[token] else { continue }
            // What it has said meanwhile is taken, or closing would be a reset.
            _ = try? client.stream.read(into: &inbox, at: 0)
            close(client)
            return true
        }
        return false
    }

    /// Answers the surplus connection that has waited longest, and closes it.
    private mutating func giveUpSurplus(_ core: inout CounterNode) -> Bool {
        while let token = surplus.popFirst() {
            guard case .client(let client) = watchlist[token], client.isOpen else { continue }
            receive(from: client, &core)
            if client.isOpen && client.exchanges.isEmpty { refuse(overload, client, core) }
            // It is sent at once, and nothing may hold the connection afterwards.
            if dirty.last === client {
                dirty.removeLast()
                client.isDirty = false
            }
            flush(client, &core)
            close(client)
            return true
        }
        return false
    }

    /// Answers a waiting connection by way of the descriptor that the listener keeps for that. False
    /// where none waits.
    private mutating func refuseOne(
        from listener: Listener, _ error: Errno, _ now: Instant, _ log: inout NodeLog
    ) -> Bool {
        log.write(.acceptFailed("http", "\(error)"), at: now)
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
