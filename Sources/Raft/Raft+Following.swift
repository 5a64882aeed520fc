import Primitives

/// A follower's side of log replication (Raft §5.3).
///
/// It answers with the part of the log that is verified and durable. In a busy stream of entries there
/// is one answer for each write to the disk. A heartbeat or a read round is answered at once, whatever
/// the disk is doing: a slow disk must not look like a dead follower (CheckQuorum), nor hold up reads.
extension Raft {
    /// Handles AppendEntries.
    mutating func handleAppendEntries(
        _ append: AppendEntries, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard append.term == term else {
            // Raft figure 2, AppendEntries 1: an old leader learns the new term from the answer.
            return reject(append, to: sender, hint: log.last, into: &effects)
        }
        guard followLeader(sender, at: now, into: &effects) else { return }
        let isUrgent = append.entries.isEmpty || append.round > newestRound
        newestRound = max(newestRound, append.round)
        voidTransfers = max(voidTransfers, append.voidTransfers)

        guard log.contains(append.previous) else {
            // What is committed here is in every later leader's log (Leader Completeness, Raft §5.4),
            // so a leader that contradicts it is none.
            guard append.previous.index > commit else {
                droppedMessages += 1
                return
            }
            let limit = min(append.previous.index, log.lastIndex)
            let index = log.lastIndex(upTo: limit, ofTermAtMost: append.previous.term)
            let hint = EntryID(index: index, term: log.term(at: index))
            return reject(append, to: sender, hint: hint, into: &effects)
        }
        guard let verified = merge(append) else {
            droppedMessages += 1
            return
        }
        verifiedThrough = max(verifiedThrough, verified)
        learnCommit(append.commit)
        owesReplySince = owesReplySince ?? now
        isReplyUrgent = isReplyUrgent || isUrgent
    }

    /// The sender says that it leads the present term: it is followed, and the election timer starts
    /// anew. Returns false where another one leads.
    mutating func followLeader(
        _ sender: NodeID, at now: Instant, into effects: inout Effects
    ) -> Bool {
        guard role != .leader, leader == nil || leader == sender else {
            droppedMessages += 1
            return false
        }
        noteFollowing(sender, into: &effects)
        role = .follower
        leader = sender
        lastLeaderContact = now
        timeoutsOnFullDisk = 0
        resetElectionDeadline(at: now)
        return true
    }

    /// Appends what is new and removes what conflicts (Raft figure 2, AppendEntries 3 and 4): an
    /// entry that agrees stays, and so does all behind it, since the message may be an old one. What
    /// lies at or below the base agrees by definition. A full disk may take only some of it.
    ///
    /// Returns the index up to which the log holds what was sent; nil, and changes nothing, where the
    /// message contradicts what is committed.
    private mutating func merge(_ append: AppendEntries) -> LogIndex? {
        var index = append.previous.index
        var offset = 0
        var cursor = TermCursor()
        while let entry = append.entries.entry(at: &offset) {
            index = index.next
            if index <= log.base.index {
                if index == log.base.index, entry.term != log.base.term { return nil }
                continue
            }
            if index <= log.lastIndex {
                if log.term(at: index, &cursor) == entry.term { continue }
                if index <= commit { return nil }
            }
            guard takesEntry(entry.kind, payloadBytes: entry.payload.count) else {
                return index.previous
            }
            if index <= log.lastIndex {
                log.truncate(from: index)
            }
            log.append(
                term: entry.term, kind: entry.kind, payload: entry.payload,
                of: append.entries.bytes)
            noteUnwritten(from: index)
        }
        return index
    }

    /// The leader's commit index reached `index`; this log follows as far as it is known to agree.
    mutating func learnCommit(_ index: LogIndex) {
        commit = max(commit, min(index, verifiedThrough))
    }

    /// Forgets what is known of the present term's leader: a new term begins.
    mutating func forgetLeadersProgress() {
        // What a snapshot stands for is in every later leader's log (Leader Completeness, Raft §5.4).
        verifiedThrough = log.base.index
        incoming = nil
        owedSnapshotReply = nil
        acknowledgedThrough = .zero
        newestRound = 0
        owesReplySince = nil
        isReplyUrgent = false
        voidTransfers = 0
    }

    /// A rejection says nothing about the disk but the term, so it does not wait for entries.
    private mutating func reject(
        _ append: AppendEntries, to sender: NodeID, hint: EntryID, into effects: inout Effects
    ) {
        let reply = AppendReply(
            term: term, round: append.term == term ? newestRound : 0,
            outcome: .conflict(rejected: append.previous.index, hint: hint))
        promiseTerm(.appendReply(reply), to: sender, into: &effects)
    }

    /// Answers all that the leader sent, at the end of a turn: how far the log is verified and durable.
    ///
    /// The leader's messages of this turn are answered in it where all of them is durable, where one is
    /// a heartbeat or asks for a read round, and where one has waited for a heartbeat's time.
    /// Otherwise, and again after such an answer, the disk's progress is what is waited for.
    mutating func acknowledgeAppends(at now: Instant, into effects: inout Effects) {
        let hasProgress = hasDiskProgress
        hasDiskProgress = false
        guard let leader, role == .follower, isTermDurable else { return }
        let durable = min(verifiedThrough, durableThrough)
        var isDue = hasProgress && durable > acknowledgedThrough
        if let owesReplySince {
            isDue =
                isDue || durable == verifiedThrough || isReplyUrgent
                || now.since(owesReplySince) >= timing.heartbeat
        }
        guard isDue else { return }
        owesReplySince = nil
        isReplyUrgent = false
        acknowledgedThrough = max(acknowledgedThrough, durable)
        let reply = AppendReply(
            term: term, round: newestRound, outcome: .matched(durable), isDiskFull: isDiskFull)
        effects.outbox.append(Outbound(to: leader, message: .appendReply(reply)))
    }
}
