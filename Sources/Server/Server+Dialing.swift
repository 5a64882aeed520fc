import Configuration
import Posix
import Primitives
import Replica

/// A voter that this node calls when no connection stands.
struct Dial {
    var node: NodeID
    /// When to call next; `never` while a call or a look-up is under way, or nobody knows where.
    var next: Instant
    /// How long to wait after a call that failed.
    var delay: Timespan = ServerLimits.redial.lowerBound
    /// How many calls have failed since the last one that did not, or since news of its address that
    /// came after each known one had been called.
    var failures = 0
    /// Until when no rumour makes this node call it at once again.
    var calmUntil = Instant.origin
    /// Whether it is the other side that calls, and this node only where that has not come about.
    let isCallBack: Bool
    /// Whether the present call goes where only others say that it is, though this node knows an address
    /// itself.
    var isHearsay = false
    /// The look-up of its name that is under way.
    var lookUp: LookUp?

    /// A look-up whose answer is waited for until its end; some never come.
    struct LookUp {
        var ticket: UInt64
        var endpoint: Endpoint
        /// Who told the name.
        var origin: LogLine.Origin
        var end: Instant
    }

    init(node: NodeID, callingBackAt next: Instant?) {
        self.node = node
        self.next = next ?? .origin
        isCallBack = next != nil
    }

    /// The address to call first is another one. The next call goes there if a call has gone to each of
    /// the `known` ones since the last such news; so news upon news keep nobody from the others.
    mutating func beginAnew(among known: Int) {
        if failures >= known { failures = 0 }
    }
}

/// Calling peers, at the addresses that `PeerAddresses` gives. Their names are looked up anew at each
/// call, off the loop.
extension Server {
    /// When somebody is to be called next, or a call has taken too long.
    var nextDial: Instant {
        var next = Instant.never
        for dial in dials { next = min(next, min(dial.next, dial.lookUp?.end ?? .never)) }
        for (_, link) in linksByID { next = min(next, link.connectDeadline ?? .never) }
        return next
    }

    mutating func dialPeers() {
        for (_, link) in linksByID {
            if let deadline = link.connectDeadline, now >= deadline { dismiss(link) }
        }
        for position in dials.indices { endLookUpIfDue(position) }
        let wanted = replica.peersToDial
        let silent = replica.peersToCallBack
        for position in dials.indices where now >= dials[position].next {
            let dial = dials[position]
            dials[position].next = dial.isCallBack ? now + ServerLimits.callBack : .never
            // Another question would only make the answer to the first one nobody's.
            guard dial.lookUp == nil else { continue }
            if (dial.isCallBack ? silent : wanted).contains(dial.node) { call(position) }
        }
    }

    private mutating func call(_ position: Int) {
        let dial = dials[position]
        // Where nobody knows where it is, the gossip's news of it will end the wait.
        guard let candidate = peers.candidate(of: dial.node, afterFailures: dial.failures) else {
            return
        }
        guard let endpoint = Endpoint(candidate.address.description) else {
            return postpone(position)
        }
        dials[position].isHearsay =
            candidate.isRumour && peers.candidates(of: dial.node).contains { !$0.isRumour }
        let ticket = nextTicket
        nextTicket += 1
        let isRumour = candidate.isRumour && !hostsOfFile.contains(endpoint.host)
        switch lookUp(endpoint, isRumour: isRumour, ticket: ticket) {
        case .known(let address): connect(position, to: address)
        case .queued:
            dials[position].lookUp = Dial.LookUp(
                ticket: ticket, endpoint: endpoint, origin: isRumour ? .gossip : .node,
                end: now + ServerLimits.lookUp)
        case .full: postpone(position)
        }
    }

    /// No answer has come in time: the next call goes to the next address.
    private mutating func endLookUpIfDue(_ position: Int) {
        guard let lookUp = dials[position].lookUp, now >= lookUp.end else { return }
        abandonLookUp(lookUp.ticket)
        let limit = ServerLimits.lookUp.nanoseconds / 1_000_000
        failLookUp(lookUp, position, "no answer in \(limit) ms")
    }

    private mutating func failLookUp(_ lookUp: Dial.LookUp, _ position: Int, _ reason: String) {
        dials[position].lookUp = nil
        nodeLog.write(
            .lookUpFailed(
                dials[position].node, at: "\(lookUp.endpoint)", reason, from: lookUp.origin),
            at: now)
        postpone(position)
    }

    /// Goes on with the call for which a name was looked up. Returns false where there is none.
    mutating func takeDialAnswer(_ answer: NameResolver.Answer) -> Bool {
        guard let position = dials.firstIndex(where: { $0.lookUp?.ticket == answer.ticket }),
            let lookUp = dials[position].lookUp
        else { return false }
        switch answer.result {
        case .success(let addresses):
            dials[position].lookUp = nil
            if let address = addresses.first {
                connect(position, to: address)
            } else {
                postpone(position)
            }
        case .failure(let failure): failLookUp(lookUp, position, failure.description)
        }
        return true
    }

    private mutating func connect(_ position: Int, to address: SocketAddress) {
        do throws(Errno) {
            let stream = try TCPStream.connecting(to: address)
            seatLink(
                stream, dialed: dials[position].node, isHearsay: dials[position].isHearsay,
                connectDeadline: now + ServerLimits.connect)
        } catch {
            postpone(position)
        }
    }

    /// Calls again later, and each time later still, up to a bound.
    private mutating func postpone(_ position: Int) {
        dials[position].failures += 1
        guard !dials[position].isCallBack else { return }
        dials[position].next = now + dials[position].delay
        dials[position].delay = min(dials[position].delay * 2, ServerLimits.redial.upperBound)
    }

    /// A connection that this node had made, or tried to make, is gone.
    mutating func postponeDial(of node: NodeID) {
        if let position = dials.firstIndex(where: { $0.node == node }) { postpone(position) }
    }

    /// A handshake has succeeded.
    mutating func resetDial(of node: NodeID) {
        if let position = dials.firstIndex(where: { $0.node == node }) {
            dials[position].delay = ServerLimits.redial.lowerBound
            dials[position].failures = 0
        }
    }

    /// A connection has ended that the other side may have made: this one calls again, if that is its
    /// part.
    mutating func resumeDial(of node: NodeID) {
        guard let position = dials.firstIndex(where: { $0.node == node }), isIdle(position) else {
            return
        }
        dials[position].next = now
    }

    /// The gossip has a new address of a node: it is called there at once if it is not connected and
    /// it is this node's part to call. A connection that stands is never ended for a rumour, nor a call
    /// that is under way; and news upon news hurry no more calls than a few a second.
    mutating func hurryDial(of node: NodeID) {
        guard let position = dials.firstIndex(where: { $0.node == node }) else { return }
        dials[position].beginAnew(among: peers.candidates(of: node).count)
        guard !dials[position].isCallBack, now >= dials[position].calmUntil else {
            if isIdle(position) { dials[position].next = dials[position].calmUntil }
            return
        }
        dials[position].calmUntil = now + ServerLimits.hurry
        dials[position].delay = ServerLimits.redial.lowerBound
        if isIdle(position) || dials[position].next != .never { dials[position].next = now }
    }

    /// Whether it is this node's part to call, and neither a call nor its time is under way.
    private func isIdle(_ position: Int) -> Bool {
        let dial = dials[position]
        return !dial.isCallBack && dial.next == .never && dial.lookUp == nil
            && !linksByID.contains { $0.link.dialed == dial.node }
    }
}
