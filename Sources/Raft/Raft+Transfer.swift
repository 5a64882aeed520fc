import Primitives

/// A leader's attempt to hand its leadership to a follower.
struct Transfer {
    /// Counts the attempts of this term, from 1.
    var number: UInt64
    var target: NodeID
    /// When the leader gives the attempt up and goes on leading.
    var deadline: Instant
    /// Whether the target has been told to campaign.
    var isSent = false
}

/// Leadership transfer (thesis §3.10): the leader takes no new commands, waits until the target has
/// its whole log on disk, and tells it to campaign at once, without a pre-vote, which all who still
/// hear the leader would refuse.
extension Raft {
    /// Whether this server leads and is handing its leadership over; it takes no commands meanwhile.
    public var isTransferring: Bool { transfer != nil }

    /// Who is to lead next; nil while no transfer is under way.
    public var transferTarget: NodeID? { transfer?.target }

    /// The follower that should lead next: connected, heard within an election timeout, and with the
    /// longest log on its disk, which is not full, and not in want of a snapshot; nil where there is none,
    /// or this server does not lead.
    public func successor(excluding excluded: [NodeID], at now: Instant) -> NodeID? {
        guard role == .leader else { return nil }
        var best: Peer?
        for peer in peers
        where peer.isConnected && peer.sending == nil && !peer.isDiskFull
            && !excluded.contains(peer.id)
            && now.since(peer.lastHeard) <= timing.election.lowerBound
            && best.map({ peer.match > $0.match }) ?? true
        {
            best = peer
        }
        return best?.id
    }

    /// Begins a transfer, unless this server does not lead, one is under way, or the target is no
    /// connected voter. Whether one has begun shows in `isTransferring`.
    mutating func beginTransfer(to target: NodeID, at now: Instant) {
        guard role == .leader, transfer == nil, let position = position(ofPeer: target),
            peers[position].isConnected
        else { return }
        lastTransfer += 1
        transfer = Transfer(
            number: lastTransfer, target: target, deadline: now + timing.election.lowerBound)
    }

    /// Tells the target to campaign once its disk holds all of this log.
    mutating func advanceTransfer(into effects: inout Effects) {
        guard let transfer, !transfer.isSent, let position = position(ofPeer: transfer.target),
            peers[position].match == log.lastIndex
        else { return }
        self.transfer?.isSent = true
        let order = TimeoutNow(term: term, transfer: transfer.number, last: log.last)
        effects.outbox.append(Outbound(to: transfer.target, message: .timeoutNow(order)))
    }

    /// Nothing came of the transfer: this server goes on leading, and the next heartbeat tells the
    /// target that the order is void.
    mutating func cancelTransfer(into effects: inout Effects) {
        guard let transfer else { return }
        effects.notices.append(.transferFailed(to: transfer.target))
        voidTransfers = transfer.number
        self.transfer = nil
        if let position = position(ofPeer: transfer.target) {
            peers[position].owesHeartbeat = true
        }
    }

    /// The leader hands its leadership to this server. An order of another term, from a server that
    /// does not lead, one that was cancelled, and one that comes twice change nothing, nor does any while the
    /// disk is stalled or full.
    mutating func handleTimeoutNow(
        _ order: TimeoutNow, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard order.term == term, role == .follower, leader == sender,
            order.transfer > voidTransfers, order.last == log.last, !isStopping,
            !isDiskStalled(at: now), !isDiskFull
        else {
            droppedMessages += 1
            return
        }
        voidTransfers = order.transfer
        campaign(at: now, into: &effects)
    }
}
