import Primitives

/// A leader's side of InstallSnapshot (Raft figure 13): for a follower that lacks entries which the log
/// no longer holds.
///
/// No AppendEntries go to it meanwhile. Messages without bytes are its heartbeats and read rounds, and
/// ask how much has arrived.
extension Raft {
    /// Turns to the snapshot where the entry before the follower's next one is not known any more.
    mutating func beginSnapshotIfNeeded(for position: Int, into effects: inout Effects) {
        guard peers[position].next <= log.base.index, peers[position].sending == nil else { return }
        guard let snapshot else { preconditionFailure("no snapshot before \(log.base)") }
        noteSnapshot(for: position, into: &effects)
        peers[position].flow = .snapshot(SnapshotSending(of: snapshot))
        peers[position].owesHeartbeat = true
    }

    /// Sends the follower the next piece, or a heartbeat where one is due.
    mutating func sendSnapshot(to position: Int, mustSpeak: Bool, into effects: inout Effects) {
        guard var sending = peers[position].sending else { return }
        let piece = sending.nextPiece(limit: limits.bytesInPiece)
        guard piece != nil || mustSpeak else { return }
        let range = piece ?? sending.received..<sending.received
        let message = InstallSnapshot(
            term: term, round: round, last: sending.snapshot.last,
            total: UInt64(sending.snapshot.bytes.count), offset: UInt64(range.lowerBound),
            bytes: Array(sending.snapshot.bytes[range]))
        effects.outbox.append(
            Outbound(to: peers[position].id, message: .installSnapshot(message)))
        peers[position].owesHeartbeat = false
        peers[position].sentRound = round
        guard piece != nil else { return }
        sending.sent(through: range.upperBound, round: round)
        peers[position].flow = .snapshot(sending)
    }

    /// Handles a follower's answer to InstallSnapshot. That it has all of the snapshot on disk it says
    /// with an answer to AppendEntries.
    mutating func handleSnapshotReply(
        _ reply: SnapshotReply, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard reply.term == term, role == .leader, let position = position(ofPeer: sender) else {
            return
        }
        guard reply.round <= round else {
            droppedMessages += 1
            return
        }
        noteAnswer(of: position, round: reply.round, at: now)
        confirmReads(into: &effects)
        guard var sending = peers[position].sending, sending.snapshot.last == reply.last,
            let received = Int(exactly: reply.received), received <= sending.snapshot.bytes.count
        else {
            droppedMessages += 1
            return
        }
        guard sending.answered(received, round: reply.round) else { return }
        if received == 0, let snapshot, snapshot.last.index > sending.snapshot.last.index {
            // Nothing of the old one would be saved.
            sending = SnapshotSending(of: snapshot)
            peers[position].owesHeartbeat = true
        }
        peers[position].flow = .snapshot(sending)
    }
}
