import Primitives

/// A follower's side of InstallSnapshot (Raft figure 13): it collects the pieces, and its host puts the
/// whole on disk. What was collected belongs to the leader of one term, since another server's snapshot
/// up to the same entry may have other bytes.
extension Raft {
    /// Handles a piece of a snapshot.
    mutating func handleInstallSnapshot(
        _ piece: InstallSnapshot, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard piece.term == term else {
            // Raft figure 13, rule 1: an old leader learns the new term from the answer.
            let reply = SnapshotReply(term: term, round: 0, last: piece.last, received: 0)
            return promiseTerm(.snapshotReply(reply), to: sender, into: &effects)
        }
        guard followLeader(sender, at: now, into: &effects) else { return }
        newestRound = max(newestRound, piece.round)
        // A full disk has no space for a snapshot: without an answer the same piece comes with the next
        // heartbeat again.
        guard piece.isSound, piece.bytes.isEmpty || !isDiskFull else {
            droppedMessages += 1
            return
        }
        if log.contains(piece.last) {
            // Raft figure 13, rule 6: the log holds all that the snapshot stands for, and so it needs
            // none. What a leader's snapshot holds is committed.
            verifiedThrough = max(verifiedThrough, piece.last.index)
            learnCommit(piece.last.index)
            owesReplySince = owesReplySince ?? now
            isReplyUrgent = true
            return
        }
        // What is committed here is in every later leader's log, and so in its snapshots.
        guard piece.last.index > commit, collect(piece) else {
            droppedMessages += 1
            return
        }
        owedSnapshotReply = (piece.last, piece.total)
    }

    /// Takes a piece in. Returns false where it belongs to an older snapshot than the one that comes,
    /// or does not fit to that one.
    private mutating func collect(_ piece: InstallSnapshot) -> Bool {
        // The same state is about to be installed.
        if installing == piece.last { return true }
        if let incoming, incoming.last.index >= piece.last.index {
            guard incoming.last == piece.last, incoming.total == piece.total else { return false }
        } else {
            incoming = IncomingSnapshot(last: piece.last, total: piece.total)
        }
        incoming?.take(piece)
        return true
    }

    /// Answers the turn's pieces: how much has come. That promises nothing but the term.
    mutating func acknowledgeSnapshot(into effects: inout Effects) {
        guard let owed = owedSnapshotReply, let leader, role == .follower, isTermDurable else {
            return
        }
        owedSnapshotReply = nil
        var received: UInt64 = 0
        if installing == owed.last {
            received = owed.total
        } else if let incoming, incoming.last == owed.last {
            received = UInt64(incoming.bytes.count)
        }
        let reply = SnapshotReply(
            term: term, round: newestRound, last: owed.last, received: received)
        effects.outbox.append(Outbound(to: leader, message: .snapshotReply(reply)))
    }

    /// Hands a whole snapshot to the host, one at a time. One that the log has overtaken is forgotten.
    mutating func requestInstall(into effects: inout Effects) {
        guard let incoming else { return }
        if incoming.last.index <= commit {
            self.incoming = nil
        } else if incoming.isWhole, installing == nil {
            installing = incoming.last
            effects.install = Snapshot(
                last: incoming.last, level: .initial, bytes: incoming.bytes)
            self.incoming = nil
        }
    }

    /// The host has put the snapshot on disk. Whatever has happened meanwhile, it holds committed
    /// entries and nothing else.
    mutating func installed(_ snapshot: Snapshot, at now: Instant) {
        precondition(installing == snapshot.last, "\(snapshot.last) was not to be installed")
        installing = nil
        guard snapshot.last.index > commit else { return }
        if log.contains(snapshot.last) {
            // Raft figure 13, rule 6: what follows the snapshot's last entry stays.
            log.compact(through: snapshot.last.index)
            noteBase(snapshot.last, replacesLog: false)
        } else {
            guard role != .leader else {
                // A leader's log holds all that is committed, so this was no leader's snapshot.
                droppedMessages += 1
                return
            }
            // Raft figure 13, rule 7.
            log.reset(to: snapshot.last, level: snapshot.level)
            noteBase(snapshot.last, replacesLog: true)
            // Whatever was taken for the leader's is gone.
            verifiedThrough = log.base.index
        }
        self.snapshot = snapshot
        compactable = max(compactable, log.base.index)
        verifiedThrough = max(verifiedThrough, log.base.index)
        commit = log.base.index
        owesReplySince = owesReplySince ?? now
        isReplyUrgent = true
    }

    /// The host could do nothing with the snapshot: its bytes are asked for again.
    mutating func rejected(_ last: EntryID) {
        precondition(installing == last, "\(last) was not to be installed")
        installing = nil
        rejectedSnapshots += 1
    }
}

extension InstallSnapshot {
    /// Whether a leader can have sent this.
    fileprivate var isSound: Bool {
        last.index > .zero && last.term <= term && total > 0
            && total <= UInt64(RaftLimits.bytesInSnapshot) && offset <= total
            && UInt64(bytes.count) <= total - offset
    }
}
