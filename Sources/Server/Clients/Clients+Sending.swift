import HTTP
import Posix
import Primitives
import Replica

/// What leaves for clients: their answers, at the end of a turn's step, and the ends of connections.
extension Clients {
    func client(of number: RequestNumber) -> ClientConnection? {
        guard case .client(let client) = watchlist.occupant(of: number.slot),
            client.token.generation & 0xFF_FFFF == number.generation
        else { return nil }
        return client
    }

    /// Marks a client whose output is to be sent at the end of the turn's step.
    mutating func markDirty(_ client: ClientConnection) {
        guard !client.isDirty else { return }
        client.isDirty = true
        dirty.append(client)
    }

    mutating func flush(_ core: inout CounterNode) {
        guard !dirty.isEmpty else { return }
        let clients = dirty
        dirty.removeAll(keepingCapacity: true)
        for client in clients {
            client.isDirty = false
            flush(client, &core)
        }
    }

    mutating func flush(_ client: ClientConnection, _ core: inout CounterNode) {
        do throws(Errno) {
            let isSent = try client.output.flush { bytes, range throws(Errno) in
                guard case .bytes(let count) = try client.stream.write(bytes, range) else {
                    return nil
                }
                return count
            }
            if !isSent {
                if !client.interest.contains(.writable) {
                    client.deadline = core.now + ServerLimits.stalled
                    setInterest(client.interest.union(.writable), of: client)
                }
                return
            }
        } catch {
            return close(client)
        }
        setInterest(client.interest.subtracting(.writable), of: client)
        if case .closing = client.phase, client.exchanges.isEmpty { return linger(client, core) }
        if !client.unparsed.isEmpty && client.hasRoom { resumed.append(client) }
        updateReading(of: client)
    }

    /// Goes on with requests that were left unread while answers were missing, at the clients' place in
    /// the turn.
    mutating func resumeAll(_ core: inout CounterNode) {
        guard !resumed.isEmpty else { return }
        let clients = resumed
        resumed.removeAll(keepingCapacity: true)
        for client in clients where client.isOpen { resume(client, &core) }
    }

    private mutating func resume(_ client: ClientConnection, _ core: inout CounterNode) {
        let unparsed = client.unparsed
        client.unparsed.removeAll(keepingCapacity: true)
        if inbox.count < unparsed.count {
            inbox.append(contentsOf: repeatElement(0, count: unparsed.count - inbox.count))
        }
        inbox.replaceSubrange(0..<unparsed.count, with: unparsed)
        serve(client, through: unparsed.count, &core)
    }

    /// Ends this half and reads on for a while: a reset must not take the last answer away
    /// (RFC 9112 §9.6).
    mutating func linger(_ client: ClientConnection, _ core: borrowing CounterNode) {
        let until = core.now + ServerLimits.linger
        client.phase = .lingering(until: until)
        client.deadline = until
        noteLingering(client)
        do { try client.stream.shutdownWrite() } catch { return close(client) }
        updateReading(of: client)
    }

    mutating func updateReading(of client: ClientConnection) {
        var interest = client.interest
        if !client.isOpen || client.hasRoom {
            interest.insert(.readable)
        } else {
            interest.remove(.readable)
        }
        if case .closing = client.phase { interest.remove(.readable) }
        setInterest(interest, of: client)
    }

    mutating func setInterest(_ interest: PollInterest, of client: ClientConnection) {
        guard interest != client.interest else { return }
        client.interest = interest
        watchlist.setInterest(interest, of: client.stream.descriptor, client.token)
    }
}
