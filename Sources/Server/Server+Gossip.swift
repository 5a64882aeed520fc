import Configuration
import Gossip
import Posix
import Primitives
import Replica

/// Something of the gossip's that waits until a name is looked up.
struct WaitingForName {
    enum Work {
        case datagram(Gossip.Effects.OutboundDatagram)
        case call(Gossip.Effects.Call)
    }

    var endpoint: Endpoint
    var work: Work
    var until: Instant
}

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
        if let complaint = addressBook.write(at: now) { nodeLog.line(complaint) }
    }

    private mutating func takeInDatagrams() {
        guard gossipPort.hasDatagrams else { return }
        gossipPort.hasDatagrams = false
        // Some cost more than others: who forges them takes those.
        let end = MonotonicClock.now() + ServerLimits.datagramTime
        for _ in 0..<ServerLimits.datagramsInTurn where MonotonicClock.now() < end {
            // What is not taken stays in the socket, or is lost when that is full.
            guard let (count, source) = try? gossipPort.socket?.receive(into: &gossipPort.inbox),
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
            if case .datagramsBlocked = notice, gossipPort.socket == nil { continue }
            nodeLog.line(notice.text)
        }
    }

    private mutating func tellWhetherAlone() {
        guard gossip.isAlone != wasAlone else { return }
        wasAlone = gossip.isAlone
        nodeLog.line(
            wasAlone
                ? "the gossip hears nobody else; the addresses known so far are used"
                : "the gossip hears others again")
    }

    private mutating func send(_ datagram: Gossip.Effects.OutboundDatagram) {
        switch findForGossip(datagram.to) {
        case .known(let address):
            // A datagram that can't leave is one that is lost, and the core expects such.
            _ = try? gossipPort.socket?.send(datagram.bytes, to: address)
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
            let (hadSocket, hadListener) = (gossipPort.socket != nil, gossipPort.listener != nil)
            let missing = gossipPort.bind(to: address)
            if !hadSocket, let descriptor = gossipPort.socket?.descriptor {
                if !watch(descriptor, as: .gossipSocket) { gossipPort.socket = nil }
            }
            if !hadListener, let descriptor = gossipPort.listener?.descriptor {
                if !watch(descriptor, as: .gossipListener) { gossipPort.listener = nil }
            }
            if gossipPort.isBound { return gossipIsBound() }
            why = missing ?? "it can't be watched"
        }
        guard why != gossipPort.complaint else { return }
        gossipPort.complaint = why
        nodeLog.line(
            """
            the gossip address \(gossipPort.endpoint) can't be listened on (\(why)): Raft and HTTP go on \
            with the addresses known so far. End what holds the port, or give this node another gossip \
            address; it is tried again every \(ServerLimits.gossipRetry.wholeMilliseconds / 1_000) s
            """)
    }

    private mutating func gossipIsBound() {
        gossipPort.nextTry = .never
        if gossipPort.complaint != nil { nodeLog.line("gossip on \(gossipPort.endpoint) at last") }
        gossipPort.complaint = nil
    }

    /// Watches a descriptor from now on. Returns whether that is possible.
    private mutating func watch(_ descriptor: Int32, as seat: Seat) -> Bool {
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
        nodeLog.line("the gossip has dropped " + counters.text(since: toldDrops))
        toldDrops = counters
    }
}

/// Names in the addresses that the gossip uses. A thread of their own looks them up, so that no rumour
/// keeps the names of the config file waiting.
extension Server {
    /// What an address that somebody told stands for, as far as it is known.
    mutating func findForGossip(_ address: Address) -> AddressCache.Finding {
        guard let endpoint = Endpoint(address.description) else { return .nowhere }
        return findForGossip(endpoint)
    }

    private mutating func findForGossip(_ endpoint: Endpoint) -> AddressCache.Finding {
        if let number = endpoint.numericAddress { return .known(number) }
        if gossipNames.isDue(endpoint, at: now) {
            let ticket = nextTicket
            nextTicket += 1
            if lookUpRumour(endpoint, ticket: ticket) == .queued {
                gossipNames.asked(endpoint, ticket: ticket)
            }
        }
        let isVersion6 = gossipPort.socket?.localAddress.isVersion6 ?? false
        return gossipNames.find(endpoint, prefersVersion6: isVersion6)
    }

    /// Looks an address up that only others know of.
    mutating func lookUpRumour(_ endpoint: Endpoint, ticket: UInt64) -> NameResolver.Lookup {
        if let number = endpoint.numericAddress { return .known(number) }
        if rumourResolver == nil, let made = try? NameResolver() {
            guard watch(made.descriptor, as: .rumourResolver) else { return .full }
            rumourResolver = made
        }
        return rumourResolver?.lookUp(endpoint, ticket: ticket) ?? .full
    }

    mutating func waitForName(_ work: WaitingForName.Work, to address: Address) {
        guard waitingForNames.count < ServerLimits.waitingForNames,
            let endpoint = Endpoint(address.description)
        else { return giveUp(work) }
        waitingForNames.append(
            WaitingForName(endpoint: endpoint, work: work, until: now + ServerLimits.gossipStream))
    }

    private mutating func giveUp(_ work: WaitingForName.Work) {
        // A datagram may be lost at any time; a call has an end.
        if case .call(let call) = work { failGossipCall(call.id) }
    }

    private mutating func expireWaiting() {
        guard waitingForNames.contains(where: { now >= $0.until }) else { return }
        let waiting = waitingForNames
        waitingForNames = waiting.filter { now < $0.until }
        for work in waiting where now >= work.until { giveUp(work.work) }
    }

    /// Goes on with what waited for these names.
    mutating func takeRumoursOfResolver() {
        for answer in rumourResolver?.collect() ?? [] {
            if takeDialAnswer(answer) { continue }
            gossipNames.learn(answer, at: now)
            if answer.endpoint == gossipPort.endpoint, !gossipPort.isBound {
                gossipPort.nextTry = now
            }
            let waiting = waitingForNames
            waitingForNames = waiting.filter { $0.endpoint != answer.endpoint }
            for work in waiting where work.endpoint == answer.endpoint {
                switch work.work {
                case .datagram(let datagram): send(datagram)
                case .call(let call): open(call)
                }
            }
        }
    }
}

extension Gossip.Effects {
    /// Whether there is nothing to do.
    fileprivate var isEmpty: Bool {
        datagrams.isEmpty && calls.isEmpty && answers.isEmpty && notices.isEmpty
    }
}

extension Gossip.Counters {
    /// How much was dropped that nobody of this cluster should have sent.
    fileprivate var alarming: Int {
        malformed + foreign + oversized + implausible + overfull + overloaded
    }

    /// What was dropped since then, for people.
    fileprivate func text(since then: Gossip.Counters) -> String {
        let counts = [
            (malformed - then.malformed, "malformed"), (foreign - then.foreign, "foreign"),
            (oversized - then.oversized, "too long"),
            (implausible - then.implausible, "implausible"),
            (overfull - then.overfull, "of members too many"),
            (overloaded - then.overloaded, "of probes too many"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            + " messages; who sends them is no node of this cluster, or no friend of it"
    }
}

extension Gossip.Notice {
    /// The line for people.
    fileprivate var text: String {
        switch self {
        case .joined(let node): "joined the gossip through \(node)"
        case .changed(let node, let state): "the gossip has \(node) as \(state)"
        case .refuted(let state, let incarnation):
            "others took this node for \(state); it says otherwise, incarnation \(incarnation)"
        case .datagramsBlocked(let node):
            "\(node) answers the gossip over TCP and not over UDP: let UDP through to its gossip port"
        case .twin(let gossip):
            "another process says at \(gossip) that it is this node: stop it, or give it its own id"
        }
    }
}
