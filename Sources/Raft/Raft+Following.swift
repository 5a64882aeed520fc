import Primitives

/// A follower's side of log replication (Raft §5.3).
extension Raft {
    /// Takes AppendEntries in.
    mutating func follow(
        _ append: AppendEntries, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard append.term == term else {
            // Raft figure 2, AppendEntries 1: an old leader learns the new term from the answer.
            return reject(append, to: sender, hint: log.last, into: &effects)
        }
        guard role != .leader, leader == nil || leader == sender else {
            droppedMessages += 1
            return
        }
        noteFollowing(sender, into: &effects)
        role = .follower
        leader = sender
        lastLeaderContact = now
        resetElectionDeadline(at: now)
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
        guard merge(append) else {
            droppedMessages += 1
            return
        }
        let verified = append.previous.index.advanced(by: append.entries.count)
        verifiedThrough = max(verifiedThrough, verified)
        learnCommit(append.commit)
        owesAppendReply = true
    }

    /// Appends what is new and removes what conflicts (Raft figure 2, AppendEntries 3 and 4): an
    /// entry that agrees stays, and so does all behind it, since the message may be an old one.
    /// Returns false, and changes nothing, where the message contradicts what is committed.
    private mutating func merge(_ append: AppendEntries) -> Bool {
        var index = append.previous.index
        var offset = 0
        var cursor = TermCursor()
        while let entry = append.entries.entry(at: &offset) {
            index = index.next
            if index <= log.lastIndex {
                if log.term(at: index, &cursor) == entry.term { continue }
                if index <= commit { return false }
                log.truncate(from: index)
            }
            log.append(
                term: entry.term, kind: entry.kind, payload: entry.payload,
                of: append.entries.bytes)
            noteUnwritten(from: index)
        }
        return true
    }

    /// The leader's commit index reached `index`; this log follows as far as it is known to agree.
    mutating func learnCommit(_ index: LogIndex) {
        commit = max(commit, min(index, verifiedThrough))
    }

    private mutating func reject(
        _ append: AppendEntries, to sender: NodeID, hint: EntryID, into effects: inout Effects
    ) {
        let reply = AppendReply(
            term: term, round: append.term == term ? newestRound : 0,
            outcome: .conflict(rejected: append.previous.index, hint: hint))
        promise(.appendReply(reply), to: sender, into: &effects)
    }

    /// Acknowledges all that the leader sent in this turn with one message, once it is on disk.
    mutating func acknowledgeAppends(into effects: inout Effects) {
        guard owesAppendReply, let leader, role == .follower else { return }
        owesAppendReply = false
        let reply = AppendReply(
            term: term, round: newestRound, outcome: .matched(verifiedThrough))
        promise(.appendReply(reply), to: leader, into: &effects)
    }
}
