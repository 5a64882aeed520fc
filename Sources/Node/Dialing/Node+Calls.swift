import Primitives
import Replica

/// Calling peers, at the addresses that `PeerAddresses` gives. Their names are looked up anew for each
/// call.
extension Node {
    mutating func callPeers(at now: Instant, into effects: inout Effects) {
        giveUpCalls(at: now, into: &effects)
        for (node, lookUp) in dialer.takeOverdueLookUps(at: now) {
            effects.abandonedLookUps.append(lookUp.ticket)
            let limit = NodeLimits.lookUp.wholeMilliseconds
            failed(lookUp, of: node, "no answer in \(limit) ms", at: now, into: &effects)
        }
        let due = dialer.takeDue(at: now)
        if due.isEmpty { return }
        let (wanted, silent) = (replica.peersToDial, replica.peersToCallBack)
        for peer in due
        where (peer.isCallBack ? silent : wanted).contains(peer.node)
            && !links.hasCall(to: peer.node)
        {
            call(peer, at: now, into: &effects)
        }
    }

    /// Calls that have taken too long come to nothing.
    private mutating func giveUpCalls(at now: Instant, into effects: inout Effects) {
        for position in links.indices {
            guard case .connecting(let deadline) = links[position].phase, now >= deadline else {
                continue
            }
            links[position].phase = .closing
            effects.closes.append(links[position].id)
        }
    }

    private mutating func call(
        _ peer: Dialer.Peer, at now: Instant, into effects: inout Effects
    ) {
        // Where nobody knows where it is, the gossip's news of it will end the wait.
        let all = dialer.addresses.candidates(of: peer.node)
        guard !all.isEmpty else { return }
        let candidate = all[peer.failures % all.count]
        let isHearsay = candidate.isRumour && all.contains { !$0.isRumour }
        if candidate.address.isNumeric {
            return connect(
                to: peer.node, candidate.address, isHearsay: isHearsay, at: now, into: &effects)
        }
        let lookUp = Dialer.LookUp(
            ticket: takeTicket(), address: candidate.address, isRumour: candidate.isRumour,
            isHearsay: isHearsay, end: now + NodeLimits.lookUp)
        dialer.wait(for: lookUp, of: peer.node)
        effects.lookUps.append(
            Effects.LookUp(
                ticket: lookUp.ticket, address: candidate.address, isRumour: candidate.isRumour))
    }

    private mutating func connect(
        to node: NodeID, _ address: Address, isHearsay: Bool, at now: Instant,
        into effects: inout Effects
    ) {
        let id = takeLinkID()
        links.append(
            PeerLink(
                calling: node, isHearsay: isHearsay, id, until: now + NodeLimits.connect))
        effects.calls.append(Effects.Call(link: id, to: address))
    }

    /// Goes on with what waited for names.
    mutating func takeLookUps(at now: Instant, into effects: inout Effects) {
        guard !inbox.lookUps.isEmpty else { return }
        let answers = inbox.lookUps
        inbox.lookUps.removeAll()
        for (ticket, result) in answers {
            guard let (node, lookUp) = dialer.takeLookUp(ticket) else {
                lookedUpForGossip(ticket, result, at: now, into: &effects)
                continue
            }
            switch result {
            case .found(let addresses):
                guard let address = addresses.first else {
                    dialer.backOff(from: node, at: now)
                    continue
                }
                connect(
                    to: node, address, isHearsay: lookUp.isHearsay, at: now, into: &effects)
            case .failed(let reason):
                failed(lookUp, of: node, reason, at: now, into: &effects)
            }
        }
    }

    private mutating func failed(
        _ lookUp: Dialer.LookUp, of node: NodeID, _ reason: String, at now: Instant,
        into effects: inout Effects
    ) {
        effects.notices.append(
            .lookUpFailed(node, at: lookUp.address, reason: reason, isRumour: lookUp.isRumour))
        dialer.backOff(from: node, at: now)
    }

    /// A handshake has told where a peer is.
    mutating func noteProven(_ node: NodeID) {
        guard let (http, raft) = replica.addresses(of: node) else { return }
        dialer.addresses.prove(http: http, raft: raft, of: node)
        discovery.hasAddressNews = true
    }
}
