import Configuration
import Gossip
import Posix
import Primitives
import Replica

/// The gossip at its port. It finds addresses and shows who is there; nothing that it says reaches
/// Raft.
extension Server {
    /// When the gossip, its port or its book want a turn.
    var nextGossip: Instant {
        var next = min(gossip.deadline, min(gossipPort.nextTry, addressBook.due))
        for stream in gossipStreams { next = min(next, stream.deadline) }
        for waiting in waitingForNames { next = min(next, waiting.until) }
        return next
    }

    /// Whether the gossip does what it should: its port is bound, and somebody is heard.
    var isGossipDegraded: Bool { !gossipPort.isBound || gossip.isAlone }

    /// The gossip's part of a turn: bounded, and after everything that clients wait for.
    mutating func turnGossip() {
        if now >= gossipPort.nextTry { bindGossip() }
        expireGossipStreams()
        expireWaiting()
        takeInDatagrams()
        takeInGossipStreams()
        // Most turns have nothing of this kind, and take no memory for it.
        if !gossipEvents.isEmpty {
            let events = gossipEvents
            gossipEvents.removeAll(keepingCapacity: true)
            for event in events { gossip.step(event, at: now, into: &gossipEffects) }
        }
        if now >= gossip.deadline {
            gossip.step(.deadlineReached, at: now, into: &gossipEffects)
        }
        if !gossipEffects.isEmpty { carryOutGossip() }
        tellWhetherAlone()
        followGossip()
        tellDrops()
        if let complaint = addressBook.write(at: now) {
            nodeLog.write(.addressBook(complaint), at: now)
        }
    }

    private mutating func takeInDatagrams() {
        guard gossipPort.hasDatagrams else { return }
        gossipPort.hasDatagrams = false
        let ports = gossipPort.sockets
        for port in ports {
            takeInDatagrams(from: port, within: ServerLimits.datagramTime / ports.count)
        }
    }

    private mutating func takeInDatagrams(from port: DatagramPort, within time: Timespan) {
        // Some cost more than others: who forges them takes those.
        let end = MonotonicClock.now() + time
        for _ in 0..<ServerLimits.datagramsInTurn where MonotonicClock.now() < end {
            // What is not taken stays in the socket, or is lost when that is full.
            guard let (count, source) = try? port.socket.receive(into: &gossipPort.inbox),
                let address = Address(Array(source.description.utf8))
            else { return }
            let bytes = Array(gossipPort.inbox[..<count])
            gossip.step(.datagram(bytes, from: address), at: now, into: &gossipEffects)
        }
    }

    private mutating func carryOutGossip() {
        let effects = gossipEffects
        gossipEffects.removeAll()
        for datagram in effects.datagrams { send(datagram) }
        for call in effects.calls { open(call) }
        for (caller, bytes) in effects.answers { answer(caller, bytes) }
        for notice in effects.notices {
            // Without a socket of its own it can't tell what becomes of other nodes' datagrams.
            if case .datagramsBlocked = notice, !gossipPort.hasSocket { continue }
            nodeLog.write(LogLine(notice), at: now)
        }
    }

    private mutating func tellWhetherAlone() {
        guard gossip.isAlone != wasAlone else { return }
        wasAlone = gossip.isAlone
        nodeLog.write(.gossipAlone(wasAlone), at: now)
    }

    mutating func send(_ datagram: Gossip.Effects.OutboundDatagram) {
        switch findForGossip(datagram.to) {
        case .known(let address):
            // A datagram that can't leave is one that is lost, and the core expects such.
            gossipPort.send(datagram.bytes, to: address)
        case .pending: waitForName(.datagram(datagram), to: datagram.to)
        case .nowhere: break
        }
    }

    /// Binds what is not bound of the gossip's port. Nothing but this part of the node depends on it.
    private mutating func bindGossip() {
        gossipPort.nextTry = now + ServerLimits.gossipRetry
        let why: String
        switch findForGossip(gossipPort.endpoint) {
        case .pending: return
        case .nowhere: why = "its name is not known"
        case .known(let address):
            let all = gossipNames.addresses(of: gossipPort.endpoint)
            let (missing, skipped) = gossipPort.bind(to: all.isEmpty ? [address] : all)
            watchGossipPort()
            for line in skipped { nodeLog.write(line, at: now) }
            if gossipPort.isBound { return gossipIsBound() }
            why = missing ?? "it can't be watched"
        }
        guard why != gossipPort.complaint else { return }
        gossipPort.complaint = why
        nodeLog.write(.gossipUnbound("\(gossipPort.endpoint)", why), at: now)
    }

    /// Watches what is bound now. What can't be watched is given back, and bound again later.
    private mutating func watchGossipPort() {
        for port in gossipPort.sockets where !port.isWatched {
            port.isWatched = watch(port.socket.descriptor, as: .gossipSocket)
        }
        for listener in gossipPort.listeners where !listener.isWatched {
            listener.isWatched = watch(listener.socket.descriptor, as: .gossipListener(listener))
        }
        gossipPort.giveBackUnwatched()
    }

    private mutating func gossipIsBound() {
        gossipPort.nextTry = .never
        if gossipPort.complaint != nil {
            nodeLog.write(.gossipBound("\(gossipPort.endpoint)"), at: now)
        }
        gossipPort.complaint = nil
    }

    /// Watches a descriptor from now on. Returns whether that is possible.
    mutating func watch(_ descriptor: Int32, as seat: Seat) -> Bool {
        let token = seats.reserve()
        seats.occupy(token, seat)
        do throws(Errno) {
            try poller.register(descriptor, token: token, interest: .readable)
            return true
        } catch {
            seats.leave(token)
            return false
        }
    }

    /// Says what was dropped, in one line and seldom, however much it was. What comes late or twice is
    /// dropped every day; only what nobody of this cluster should send is worth a line.
    private mutating func tellDrops() {
        let counters = gossip.counters
        guard now >= dropsDue, counters.alarming != toldDrops.alarming else { return }
        dropsDue = now + ServerLimits.dropsInterval
        nodeLog.write(.gossipDropped(counters, since: toldDrops), at: now)
        toldDrops = counters
    }
}

extension Gossip.Effects {
    /// Whether there is nothing to do.
    fileprivate var isEmpty: Bool {
        datagrams.isEmpty && calls.isEmpty && answers.isEmpty && notices.isEmpty
    }
}
