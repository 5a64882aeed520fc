import Posix
import Primitives
import Replica
import Wire

/// Connections to peers.
extension Server {
    /// Gives a connection its place; the replica hears of it once it stands.
    mutating func seatLink(
        _ stream: consuming TCPStream, dialed: NodeID?, isHearsay: Bool = false,
        connectDeadline: Instant?
    ) {
        let token = seats.reserve()
        let link = PeerLink(
            stream, token: token, id: LinkID(nextLink), dialed: dialed, isHearsay: isHearsay,
            connectDeadline: connectDeadline)
        nextLink += 1
        seats.occupy(token, .link(link))
        linksByID.append((link.id, link))
        do throws(Errno) {
            try poller.register(link.stream.descriptor, token: token, interest: link.interest)
        } catch {
            return dismiss(link)
        }
        if !link.isConnecting { tellOpened(link) }
    }

    private mutating func tellOpened(_ link: PeerLink) {
        replica.step(
            .linkOpened(link.id, dialed: link.dialed, isHearsay: link.isHearsay), at: now,
            into: &effects)
    }

    mutating func sortEvent(_ event: PollEvent, of link: PeerLink) {
        if link.isConnecting { return finishConnecting(link) }
        let hasEnded = event.writable && !link.flush()
        if event.writable && !hasEnded { updateInterest(of: link) }
        if hasEnded || event.readable || event.hangup { makeReady(link) }
    }

    private mutating func makeReady(_ link: PeerLink) {
        guard !link.isReady else { return }
        link.isReady = true
        readyLinks.append(link)
    }

    private mutating func finishConnecting(_ link: PeerLink) {
        do throws(Errno) {
            try link.stream.connectResult()
        } catch {
            return dismiss(link)
        }
        link.connectDeadline = nil
        updateInterest(of: link)
        tellOpened(link)
    }

    /// Takes in what came over connections, a bounded amount in all: first from peers, then from those
    /// who have not said yet who they are. What is left is taken in the next turn. Connections that
    /// have ended are stepped first.
    mutating func takeInLinks() {
        guard !readyLinks.isEmpty else { return }
        let links = readyLinks
        readyLinks.removeAll(keepingCapacity: true)
        for link in links { link.isReady = false }
        var bytes = ServerLimits.linkBytesInTurn
        var living: [PeerLink] = []
        for isPeer in [true, false] {
            for link in links where !link.isOver && (link.speaker == .introduced) == isPeer {
                let intake = link.receive(atMost: min(bytes, ServerLimits.linkInput))
                bytes -= intake.bytes
                if intake.hasEnded {
                    bury(link)
                } else {
                    if intake.hasMore { putOff(link) }
                    living.append(link)
                }
            }
        }
        var frames = ServerLimits.framesInTurn
        for link in living { stepMessages(of: link, atMost: &frames) }
    }

    /// There is more to take than fits into this turn.
    private mutating func putOff(_ link: PeerLink) {
        makeReady(link)
        mustTurn = true
    }

    /// A connection has ended. What a handshake said last still counts; Raft's messages do not, since
    /// their sender is gone.
    private mutating func bury(_ link: PeerLink) {
        var why = "it ended before it said who it is"
        do throws(WireFault) {
            while let message = try link.next() {
                switch message {
                case .raft, .ping, .pong: continue
                default: replica.step(.received(message, on: link.id), at: now, into: &effects)
                }
                guard let speaker = replica.speaker(on: link.id) else { return }
                link.speaker = speaker
            }
        } catch {
            why = "\(error)"
        }
        if link.speaker == .caller {
            nodeLog.write(.badBytes(from: "\(link.stream.peer)", why), at: now)
        }
        end(link)
    }

    private mutating func stepMessages(of link: PeerLink, atMost frames: inout Int) {
        do throws(WireFault) {
            while frames > 0, let message = try link.next() {
                frames -= 1
                replica.step(.received(message, on: link.id), at: now, into: &effects)
                guard link.speaker != .introduced else { continue }
                // Where it was turned away, nothing else that it has said is looked at.
                guard let speaker = replica.speaker(on: link.id) else { return }
                link.speaker = speaker
            }
            if frames == 0 { putOff(link) }
        } catch {
            nodeLog.write(.badBytes(from: "\(link.stream.peer)", "\(error)"), at: now)
            end(link)
        }
    }

    /// Ends a connection of which the replica does not know yet that it is over.
    private mutating func end(_ link: PeerLink) {
        replica.step(.linkClosed(link.id), at: now, into: &effects)
        dismiss(link)
    }

    private func link(_ id: LinkID) -> PeerLink? {
        for entry in linksByID where entry.id == id { return entry.link }
        return nil
    }

    /// Sends what the replica wants sent.
    mutating func sendOutbox() {
        guard !effects.outbox.isEmpty else { return }
        var stuck: [PeerLink] = []
        for (id, message) in effects.outbox {
            guard let link = link(id), !link.isOver else { continue }
            switch link.enqueue(message) {
            case .queued: break
            case .dropped: droppedMessages += 1
            case .stuck: if !stuck.contains(where: { $0 === link }) { stuck.append(link) }
            }
        }
        effects.outbox.removeAll(keepingCapacity: true)
        for link in stuck {
            nodeLog.write(
                .badBytes(from: "\(link.stream.peer)", "it does not read what it is sent"), at: now)
            end(link)
            mustTurn = true
        }
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
        link.isOver = true
        try? poller.remove(link.stream.descriptor)
        seats.leave(link.token)
        linksByID.removeAll { $0.id == link.id }
        if let dialed = link.dialed { postponeDial(of: dialed) }
    }
}
