import Posix
import Primitives
import Replica
import Wire

/// Connections to peers.
extension Server {
    mutating func acceptLinks(from listener: Listener) {
        for _ in 0..<ServerLimits.acceptsInTurn {
            do throws(Errno) {
                guard let stream = try listener.socket.accept() else { return }
                seatLink(stream, dialed: nil, connectDeadline: nil)
            } catch {
                nodeLog.write(.acceptFailed("raft", "\(error)"), at: now)
                _ = try? listener.socket.shed()
                return
            }
        }
    }

    /// Gives a connection its place; the replica hears of it once it stands.
    mutating func seatLink(
        _ stream: consuming TCPStream, dialed: NodeID?, connectDeadline: Instant?
    ) {
        let token = seats.reserve()
        let link = PeerLink(
            stream, token: token, id: LinkID(nextLink), dialed: dialed,
            connectDeadline: connectDeadline)
        nextLink += 1
        seats.occupy(token, .link(link))
        linksByID.append((link.id, link))
        do throws(Errno) {
            try poller.register(link.stream.descriptor, token: token, interest: link.interest)
        } catch {
            return dismiss(link)
        }
        if !link.isConnecting {
            replica.step(.linkOpened(link.id, dialed: dialed), at: now, into: &effects)
        }
    }

    mutating func sortEvent(_ event: PollEvent, of link: PeerLink) {
        if link.isConnecting { return finishConnecting(link) }
        let hasEnded = event.writable && !link.flush()
        if event.writable && !hasEnded { updateInterest(of: link) }
        if hasEnded || event.readable || event.hangup { readyLinks.append(link) }
    }

    private mutating func finishConnecting(_ link: PeerLink) {
        do throws(Errno) {
            try link.stream.connectResult()
        } catch {
            return dismiss(link)
        }
        link.connectDeadline = nil
        updateInterest(of: link)
        replica.step(.linkOpened(link.id, dialed: link.dialed), at: now, into: &effects)
    }

    /// Takes in what came from peers. Connections that have ended are stepped first.
    mutating func takeInLinks() {
        guard !readyLinks.isEmpty else { return }
        let links = readyLinks
        readyLinks.removeAll(keepingCapacity: true)
        var living: [PeerLink] = []
        for link in links {
            if link.receive() { living.append(link) } else { bury(link) }
        }
        for link in living { stepMessages(of: link) }
    }

    /// A connection has ended. What a handshake said last still counts; Raft's messages do not, since
    /// their sender is gone.
    private mutating func bury(_ link: PeerLink) {
        while let message = try? link.next() {
            if case .raft = message { continue }
            replica.step(.received(message, on: link.id), at: now, into: &effects)
        }
        replica.step(.linkClosed(link.id), at: now, into: &effects)
        dismiss(link)
    }

    private mutating func stepMessages(of link: PeerLink) {
        do throws(WireFault) {
            while let message = try link.next() {
                replica.step(.received(message, on: link.id), at: now, into: &effects)
            }
        } catch {
            nodeLog.write(.badBytes(from: "\(link.stream.peer)", "\(error)"), at: now)
            replica.step(.linkClosed(link.id), at: now, into: &effects)
            dismiss(link)
        }
    }

    private func link(_ id: LinkID) -> PeerLink? {
        for entry in linksByID where entry.id == id { return entry.link }
        return nil
    }

    /// Sends what the replica wants sent.
    mutating func sendOutbox() {
        guard !effects.outbox.isEmpty else { return }
        for (id, message) in effects.outbox {
            guard let link = link(id) else { continue }
            if !link.enqueue(message) { droppedMessages += 1 }
        }
        effects.outbox.removeAll(keepingCapacity: true)
        for (_, link) in linksByID where link.hasOutput && !link.isConnecting {
            // A connection that fails here is found ended by its next read.
            if link.flush() { updateInterest(of: link) }
        }
    }

    /// The replica is done with a connection. What was said last leaves as far as the socket takes it:
    /// a connection that is over waits for nobody.
    mutating func closeLink(_ id: LinkID) {
        guard let link = link(id) else { return }
        _ = link.flush()
        dismiss(link)
    }

    private mutating func updateInterest(of link: PeerLink) {
        let interest: PollInterest = link.hasOutput ? [.readable, .writable] : .readable
        guard interest != link.interest else { return }
        link.interest = interest
        try? poller.modify(link.stream.descriptor, token: link.token, interest: interest)
    }

    /// Takes a connection from its place; its stream is closed with the last reference to it.
    mutating func dismiss(_ link: PeerLink) {
        try? poller.remove(link.stream.descriptor)
        seats.leave(link.token)
        linksByID.removeAll { $0.id == link.id }
        if let dialed = link.dialed { postponeDial(of: dialed) }
    }
}
