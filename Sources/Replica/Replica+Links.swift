import Founding
import Primitives
import Raft
import Wire

/// Connections: their handshake, what comes over them, and their end.
extension Replica {
    /// The connection to a node whose handshake is done.
    func link(to node: NodeID) -> LinkID? {
        for position in links.indices where links[position].establishedNode == node {
            return links[position].id
        }
        return nil
    }

    func establishedLink(with node: NodeID) -> Hello? {
        for position in links.indices where links[position].establishedNode == node {
            return links[position].peer
        }
        return nil
    }

    func position(of link: LinkID) -> Int? {
        for position in links.indices where links[position].id == link { return position }
        return nil
    }

    /// Which founding voters this node should call: those after it in the order of ids, so that two
    /// nodes do not call each other at once, as far as no connection or call to them stands.
    public var peersToDial: [NodeID] {
        voters.filter { voter in
            voter > identity.node
                && !links.contains { $0.dialed == voter || $0.peer?.node == voter }
        }
    }

    /// Which founding voters this node should call back where they have not called it for long: those
    /// before it. They may not be able to reach it, or not know its address.
    public var peersToCallBack: [NodeID] {
        voters.filter { voter in
            voter < identity.node
                && !links.contains { $0.dialed == voter || $0.peer?.node == voter }
        }
    }

    /// The founding voters: by the record, or by the config file while there is none.
    public var voters: [NodeID] { founding.record?.voters ?? identity.founders }

    /// How this node introduces itself, in the words of a program from before the feature levels or not.
    private func hello(isPlain: Bool) -> Hello {
        Hello(
            cluster: identity.cluster, node: identity.node, disk: identity.disk,
            nonce: identity.nonce, earlierStarts: identity.earlierStarts, founding: founding,
            voters: identity.founders,
            http: identity.http, raft: identity.raft, levels: isPlain ? nil : identity.levels,
            origin: isPlain ? nil : identity.origin,
            logEnd: isPlain || identity.levels == nil ? nil : raft.logEnd)
    }

    /// When a host should accept the next caller: at once, or, where as many as may have not said yet
    /// who they are, once the oldest of them has had its time.
    ///
    /// - Parameter pending: how many were accepted of whom the replica does not know yet.
    public func nextAcceptance(pending: Int = 0) -> Instant {
        var count = pending
        var oldest = Instant.never
        for link in links where link.isStranger {
            count += 1
            oldest = min(oldest, link.openedAt)
        }
        return count < ReplicaLimits.strangers ? .origin : oldest + ReplicaLimits.firstWords
    }

    /// How far the other side has come in its handshake: what it may send next. Nil where the
    /// connection is over.
    public func speaker(on id: LinkID) -> Speaker? {
        guard let position = position(of: id) else { return nil }
        let link = links[position]
        return link.isGreeting ? (link.dialed == nil ? .caller : .called) : .introduced
    }

    mutating func linkOpened(
        _ id: LinkID, dialed: NodeID?, isHearsay: Bool, at now: Instant,
        into effects: inout Effects
    ) {
        if dialed == nil, links.count(where: \.isStranger) >= ReplicaLimits.strangers,
            let oldest = links.first(where: \.isStranger)
        {
            close(oldest.id, at: now, into: &effects)
        }
        if links.count >= ReplicaLimits.links {
            // The oldest connection without an introduction goes, so that idle strangers can't keep
            // a peer out.
            guard let oldest = links.first(where: \.isGreeting) else {
                effects.closes.append(id)
                return
            }
            close(oldest.id, at: now, into: &effects)
        }
        let isPlainCall = dialed.map { takePlainCall(to: $0) } ?? false
        links.append(
            Link(
                id: id, dialed: dialed, isHearsay: isHearsay, isPlainCall: isPlainCall,
                openedAt: now, lastHeard: now))
        if dialed != nil { effects.outbox.append((id, .hello(hello(isPlain: isPlainCall)))) }
    }

    mutating func linkClosed(_ id: LinkID, at now: Instant, into effects: inout Effects) {
        guard let position = position(of: id) else { return }
        let link = links.remove(at: position)
        guard let peer = link.peer else { return }
        effects.notices.append(.unlinked(peer.node))
        stepRaft(.connectionLost(peer.node), at: now, into: &effects)
    }

    /// Ends a connection from this side.
    mutating func close(_ id: LinkID, at now: Instant, into effects: inout Effects) {
        effects.closes.append(id)
        linkClosed(id, at: now, into: &effects)
    }

    mutating func received(
        _ message: PeerMessage, on id: LinkID, at now: Instant, into effects: inout Effects
    ) {
        // A frame from a connection that this node has closed already.
        guard let position = position(of: id) else { return }
        let reaction = links[position].reaction(to: message)
        links[position].lastHeard = now
        links[position].isPinged = false
        switch reaction {
        case .judge(let hello): handleHello(hello, on: position, at: now, into: &effects)
        case .handleRefusal(let refusal):
            handleRefusal(refusal, on: position, at: now, into: &effects)
        case .noteFounding(let state):
            links[position].isLetIn = true
            noteFounding(state, on: position, at: now, into: &effects)
        case .replyToPing(let number): effects.outbox.append((id, .pong(number)))
        case .handlePong(let number): handlePong(number, on: position, at: now, into: &effects)
        case .noteHash(let hash, let node): noteHash(hash, of: node, into: &effects)
        case .stepRaft(let message, let peer):
            guard case .founded = founding, isRemembered(peer) else { return }
            switch check(message) {
            case .understood:
                stepRaft(.received(message, from: peer.node), at: now, into: &effects)
            case .malformed:
                effects.notices.append(.badEntries(from: peer.node))
                close(id, at: now, into: &effects)
            case .needs(let level): end(needing: level, into: &effects)
            }
        case .ignore: break
        case .close: close(id, at: now, into: &effects)
        }
    }

    /// The other side has said who it is: the caller with `hello`, the called with `welcome`.
    private mutating func handleHello(
        _ hello: Hello, on position: Int, at now: Instant, into effects: inout Effects
    ) {
        let id = links[position].id
        // The caller learns who was called even where it is refused, so that both sides can judge; in the
        // version that it used.
        if links[position].dialed == nil {
            effects.outbox.append((id, .welcome(self.hello(isPlain: hello.levels == nil))))
        }
        let verdict = judge(hello, dialed: links[position].dialed)
        guard case .accept = verdict else {
            return settle(verdict, of: hello, on: position, at: now, into: &effects)
        }
        if let older = links.firstIndex(where: { $0.peer?.node == hello.node }) {
            resolveDuplicate(hello, on: position, older: older, at: now, into: &effects)
        } else {
            establish(hello, on: position, at: now, into: &effects)
        }
    }

    mutating func establish(
        _ hello: Hello, on position: Int, at now: Instant, into effects: inout Effects
    ) {
        let id = links[position].id
        if refuseLostEntries(hello, on: id, at: now, into: &effects) { return }
        links[position].phase = .established(hello)
        effects.notices.append(.linked(hello.node))
        // The founding may have moved since the other side was told.
        effects.outbox.append((id, .founding(founding)))
        if hello.levels == nil, identity.levels != nil, links[position].dialed == nil {
            effects.outbox.append((id, .ping(Replica.callAgain)))
        }
        notePledge(of: hello.node, hello.founding)
        exchangeHashes(with: links[position], into: &effects)
        if case .founded = founding { noteStart(of: hello) }
        connectRaft(hello, at: now, into: &effects)
    }

    /// Opens the connection to Raft once both ends are founded and the peer's start is on this disk.
    mutating func connectRaft(
        _ peer: Hello, at now: Instant, into effects: inout Effects
    ) {
        guard case .founded = founding, case .founded = peer.founding, isRemembered(peer)
        else { return }
        stepRaft(.connected(peer.node, start: peer.start.number), at: now, into: &effects)
    }

    /// Tells all peers this node's new founding state; Raft may begin.
    mutating func announceFounding(at now: Instant, into effects: inout Effects) {
        for link in links {
            guard let peer = link.peer else { continue }
            effects.outbox.append((link.id, .founding(founding)))
            connectRaft(peer, at: now, into: &effects)
        }
    }

    /// The other side tells its new founding state.
    private mutating func noteFounding(
        _ state: FoundingState, on position: Int, at now: Instant, into effects: inout Effects
    ) {
        guard var peer = links[position].introduced, state != peer.founding else { return }
        peer.founding = state
        links[position].update(peer)
        let verdict = judge(peer, dialed: links[position].dialed)
        guard case .accept = verdict else {
            return settle(verdict, of: peer, on: position, at: now, into: &effects)
        }
        // A contested connection says it once, too: it counts when the contest is settled.
        guard links[position].peer != nil else { return }
        notePledge(of: peer.node, state)
        connectRaft(peer, at: now, into: &effects)
    }

    /// Pings silent connections and closes dead ones.
    mutating func checkKeepalives(at now: Instant, into effects: inout Effects) {
        guard now >= keepaliveDue else { return }
        keepaliveDue = now + ReplicaLimits.keepalive / 2
        noteStateAtRest(into: &effects)
        for link in links {
            repeatNewestHash(on: link, into: &effects)
            let silence = now.since(link.lastHeard)
            // A stranger that keeps sending but never introduces itself must go, too.
            let isOver =
                link.peer == nil
                ? now.since(link.openedAt) >= ReplicaLimits.handshake
                : silence >= ReplicaLimits.silence
            if isOver {
                close(link.id, at: now, into: &effects)
            } else if silence >= ReplicaLimits.keepalive, link.peer != nil, !link.isPinged,
                let position = position(of: link.id)
            {
                links[position].isPinged = true
                effects.outbox.append((link.id, .ping(nextPing)))
                nextPing += 1
            }
        }
    }
}
