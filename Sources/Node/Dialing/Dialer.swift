import Primitives

/// Which peers this node calls, and when: the ones after it in the order of ids, with exponential
/// backoff; the others only where they have not called for long.
struct Dialer {
    /// A peer that is called when no connection to it stands.
    struct Peer {
        let node: NodeID
        /// When to call next; `never` while a call or a look-up is under way, or nobody knows where.
        var next: Instant
        /// The backoff: how long to wait after the next call that fails.
        var backoff = NodeLimits.backoff.lowerBound
        /// How many calls have failed since the last one that did not, or since news of its address that
        /// came after each known one had been called.
        var failures = 0
        /// Until when no rumour makes this node call it at once again.
        var calmUntil = Instant.origin
        /// Whether it is the other side that calls, and this node only where that has not come about.
        let isCallBack: Bool
        /// The look-up of its name that is under way.
        var lookUp: LookUp?
    }

    /// A look-up whose answer is waited for until its end; some never come.
    struct LookUp {
        var ticket: UInt64
        var address: Address
        /// Whether only the gossip told the name.
        var isRumour: Bool
        /// Whether the call goes where only others say that the peer is, though this node knows an
        /// address itself.
        var isHearsay: Bool
        var end: Instant
    }

    private(set) var peers: [Peer]
    var addresses: PeerAddresses

    init(from node: NodeID, to addresses: PeerAddresses, at now: Instant) {
        self.addresses = addresses
        peers = addresses.nodes.map { peer in
            let isCallBack = peer < node
            return Peer(
                node: peer, next: isCallBack ? now + NodeLimits.callBack : now,
                isCallBack: isCallBack)
        }
    }

    /// When somebody is to be called next, or a look-up has taken too long.
    var deadline: Instant {
        var next = Instant.never
        for peer in peers { next = min(next, min(peer.next, peer.lookUp?.end ?? .never)) }
        return next
    }

    /// The peers whose time has come, each of which is not asked for again before `backOff`, `resume` or
    /// `hurry`, or, where the other side calls, before another while.
    mutating func takeDue(at now: Instant) -> [Peer] {
        var due: [Peer] = []
        for position in peers.indices where now >= peers[position].next {
            peers[position].next =
                peers[position].isCallBack ? now + NodeLimits.callBack : .never
            // A second look-up would only make the answer to the first one useless.
            if peers[position].lookUp == nil { due.append(peers[position]) }
        }
        return due
    }

    /// A peer's name is being looked up.
    mutating func wait(for lookUp: LookUp, of node: NodeID) {
        if let position = position(of: node) { peers[position].lookUp = lookUp }
    }

    /// Takes the look-ups out whose time is up.
    mutating func takeOverdueLookUps(at now: Instant) -> [(node: NodeID, lookUp: LookUp)] {
        var overdue: [(NodeID, LookUp)] = []
        for position in peers.indices {
            guard let lookUp = peers[position].lookUp, now >= lookUp.end else { continue }
            peers[position].lookUp = nil
            overdue.append((peers[position].node, lookUp))
        }
        return overdue
    }

    /// Takes the look-up of that ticket out, nil where it is not this one's.
    mutating func takeLookUp(_ ticket: UInt64) -> (node: NodeID, lookUp: LookUp)? {
        guard let position = peers.firstIndex(where: { $0.lookUp?.ticket == ticket }),
            let lookUp = peers[position].lookUp.take()
        else { return nil }
        return (peers[position].node, lookUp)
    }

    /// A call has failed, or a connection that this node had made is gone: it calls again later, and
    /// each time later still, up to a bound.
    mutating func backOff(from node: NodeID, at now: Instant) {
        guard let position = position(of: node) else { return }
        peers[position].failures += 1
        guard !peers[position].isCallBack else { return }
        peers[position].next = now + peers[position].backoff
        peers[position].backoff = min(
            peers[position].backoff * 2, NodeLimits.backoff.upperBound)
    }

    /// A handshake has succeeded.
    mutating func succeeded(with node: NodeID) {
        guard let position = position(of: node) else { return }
        peers[position].backoff = NodeLimits.backoff.lowerBound
        peers[position].failures = 0
    }

    /// A connection has ended that the other side may have made: this node calls, if that is its part.
    mutating func resume(_ node: NodeID, hasCall: Bool, at now: Instant) {
        guard let position = position(of: node), isIdle(position, hasCall: hasCall) else { return }
        peers[position].next = now
    }

    /// The gossip has a new address of a node: it is called there at once if it is not connected and it
    /// is this node's part to call. A connection that stands is never ended for a rumour, nor a call
    /// that is under way; and news upon news hurry no more calls than a few a second.
    mutating func hurry(to node: NodeID, hasCall: Bool, at now: Instant) {
        guard let position = position(of: node) else { return }
        // The next call goes to the new address if a call has gone to each known one since the last
        // such news; so news upon news keep this node from none of them.
        if peers[position].failures >= addresses.candidates(of: node).count {
            peers[position].failures = 0
        }
        let isIdle = isIdle(position, hasCall: hasCall)
        guard !peers[position].isCallBack, now >= peers[position].calmUntil else {
            if isIdle { peers[position].next = peers[position].calmUntil }
            return
        }
        peers[position].calmUntil = now + NodeLimits.hurry
        peers[position].backoff = NodeLimits.backoff.lowerBound
        if isIdle || peers[position].next != .never { peers[position].next = now }
    }

    /// Whether it is this node's part to call, and neither a call nor its time is under way.
    private func isIdle(_ position: Int, hasCall: Bool) -> Bool {
        let peer = peers[position]
        return !peer.isCallBack && peer.next == .never && peer.lookUp == nil && !hasCall
    }

    private func position(of node: NodeID) -> Int? { peers.firstIndex { $0.node == node } }
}
