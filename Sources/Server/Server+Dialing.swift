import Posix
import Primitives
import Replica

/// A voter that this node calls when no connection stands.
struct Dial {
    var node: NodeID
    /// Where it listens, as the config file says.
    var endpoint: Endpoint
    /// When to call next; `never` while a call or a look-up is under way.
    var next: Instant
    /// How long to wait after a call that failed.
    var delay: Timespan = ServerLimits.redial.lowerBound
    /// Whether it is the other side that calls, and this node only where that has not come about.
    let isCallBack: Bool
    /// The number of the look-up of its name that is under way.
    var ticket: UInt64?

    init(node: NodeID, endpoint: Endpoint, callingBackAt next: Instant?) {
        self.node = node
        self.endpoint = endpoint
        self.next = next ?? .origin
        isCallBack = next != nil
    }
}

/// Calling peers. Their names are looked up anew at each call, off the loop.
extension Server {
    /// When somebody is to be called next, or a call has taken too long.
    var nextDial: Instant {
        var next = Instant.never
        for dial in dials { next = min(next, dial.next) }
        for (_, link) in linksByID { next = min(next, link.connectDeadline ?? .never) }
        return next
    }

    mutating func dialPeers() {
        for (_, link) in linksByID {
            if let deadline = link.connectDeadline, now >= deadline { dismiss(link) }
        }
        let wanted = replica.peersToDial
        let silent = replica.peersToCallBack
        for position in dials.indices where now >= dials[position].next {
            let dial = dials[position]
            dials[position].next = dial.isCallBack ? now + ServerLimits.callBack : .never
            if (dial.isCallBack ? silent : wanted).contains(dial.node) { call(position) }
        }
    }

    private mutating func call(_ position: Int) {
        let ticket = nextTicket
        nextTicket += 1
        switch resolver.lookUp(dials[position].endpoint, ticket: ticket) {
        case .known(let address): connect(position, to: address)
        case .queued: dials[position].ticket = ticket
        case .full: postpone(position)
        }
    }

    mutating func takeAnswersOfResolver() {
        for answer in resolver.collect() {
            guard let position = dials.firstIndex(where: { $0.ticket == answer.ticket }) else {
                continue
            }
            dials[position].ticket = nil
            switch answer.result {
            case .success(let addresses):
                guard let address = addresses.first else { postpone(position); continue }
                connect(position, to: address)
            case .failure(let failure):
                nodeLog.line("\(dials[position].node) can't be called: \(failure)")
                postpone(position)
            }
        }
    }

    private mutating func connect(_ position: Int, to address: SocketAddress) {
        do throws(Errno) {
            let stream = try TCPStream.connecting(to: address)
            seatLink(
                stream, dialed: dials[position].node,
                connectDeadline: now + ServerLimits.connect)
        } catch {
            postpone(position)
        }
    }

    /// Calls again later, and each time later still, up to a bound.
    private mutating func postpone(_ position: Int) {
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
        }
    }
}
