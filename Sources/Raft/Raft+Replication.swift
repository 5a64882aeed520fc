import Primitives

/// A leader's side of log replication (Raft §5.3), pipelined and batched (thesis §10.2).
extension Raft {
    /// Appends commands to the log where this server leads, all in its term.
    mutating func submit(_ payloads: Payloads, into effects: inout Effects) {
        guard role == .leader, transfer == nil, !payloads.isEmpty else { return }
        effects.accepted = EntryID(index: log.lastIndex.next, term: term)
        for position in 0..<payloads.count {
            appendToLog(
                payloads.kinds[position], payload: payloads.range(at: position),
                of: payloads.bytes)
        }
    }

    /// Leader Append-Only (Raft §5.3): a leader adds to its log and changes nothing in it.
    mutating func appendToLog(_ kind: EntryKind, payload: Range<Int>, of source: [UInt8]) {
        precondition(role == .leader, "\(id) appends without leading")
        let index = log.append(term: term, kind: kind, payload: payload, of: source)
        noteUnwritten(from: index)
    }

    /// A heartbeat is due: every follower gets a message in this turn, unless no quorum was heard
    /// within an election timeout; then this server stops leading (CheckQuorum, thesis §6.2).
    mutating func heartbeat(at now: Instant, into effects: inout Effects) {
        let heard = peers.count { now.since($0.lastHeard) <= timing.election.upperBound }
        guard heard + 1 >= quorum.size else {
            noteQuorumLost(at: now, into: &effects)
            return becomeFollower(in: term, at: now)
        }
        heartbeatDue = now + timing.heartbeat
        for position in peers.indices { peers[position].owesHeartbeat = true }
        // The answer to a later round says whether a snapshot's piece was lost.
        if peers.contains(where: { $0.isConnected && $0.sending != nil }) { wantsRound = true }
    }

    /// Sends each connected follower what it lacks. A leader's messages promise nothing about its
    /// own disk, so they leave before its own sync (thesis §10.2.1).
    mutating func replicate(at now: Instant, into effects: inout Effects) {
        if wantsRound {
            wantsRound = false
            round += 1
        }
        for position in peers.indices where peers[position].isConnected {
            replicate(to: position, into: &effects)
        }
    }

    /// Sends the follower one message at most: where it lacks more, the next turn goes on, so that a
    /// follower far behind never makes a long one.
    private mutating func replicate(to position: Int, into effects: inout Effects) {
        beginSnapshotIfNeeded(for: position, into: &effects)
        let peer = peers[position]
        let mustSpeak = peer.owesHeartbeat || peer.sentRound < round
        switch peer.flow {
        case .probe(awaiting: true):
            // The answer to an empty message says as well where the logs agree, and that the entries
            // were lost if they were; so they never go twice without need.
            if mustSpeak { send(entries: EntryBatch(), to: position, into: &effects) }
        case .probe(awaiting: false):
            guard mustSpeak || peer.next <= log.lastIndex else { return }
            send(
                entries: batch(from: peer.next, limit: RaftLimits.entriesInMessage), to: position,
                into: &effects)
            peers[position].flow = .probe(awaiting: true)
        case .pipeline:
            if hasMore(for: peer) {
                let entries = batch(from: peer.next, limit: room(for: peer))
                send(entries: entries, to: position, into: &effects)
                peers[position].next = peer.next.advanced(by: entries.count)
            } else if mustSpeak {
                send(entries: EntryBatch(), to: position, into: &effects)
            }
        case .snapshot:
            sendSnapshot(to: position, mustSpeak: mustSpeak, into: &effects)
        }
    }

    /// Whether some follower can be sent entries at once, without anything else happening before.
    var hasMoreToSend: Bool {
        peers.contains { $0.isConnected && $0.isPipelining && hasMore(for: $0) }
    }

    /// Whether the follower lacks entries and its window takes a whole message of them. Where some under
    /// way lie at or below the base, its window is taken to be full: the log keeps a window's entries.
    private func hasMore(for peer: Peer) -> Bool {
        guard peer.next <= log.lastIndex, room(for: peer) > 0, peer.match >= log.base.index else {
            return false
        }
        let underWay = log.batchBytes(of: peer.match.next..<peer.next)
        return underWay <= RaftLimits.bytesInFlight - RaftLimits.bytesInMessage
    }

    /// How many more entries may be under way to the follower.
    private func room(for peer: Peer) -> Int {
        RaftLimits.entriesInFlight - peer.match.next.distance(to: peer.next)
    }

    private func batch(from first: LogIndex, limit: Int) -> EntryBatch {
        log.batch(
            from: first, maximumCount: min(limit, RaftLimits.entriesInMessage),
            maximumBytes: RaftLimits.bytesInMessage)
    }

    /// Sends the follower entries from its `next` on. Without entries it is a heartbeat that follows
    /// the last entry sent.
    private mutating func send(
        entries: EntryBatch, to position: Int, into effects: inout Effects
    ) {
        let previous = peers[position].next.previous
        let append = AppendEntries(
            term: term, previous: EntryID(index: previous, term: log.term(at: previous)),
            commit: commit, round: round, voidTransfers: voidTransfers, entries: entries)
        effects.outbox.append(
            Outbound(to: peers[position].id, message: .appendEntries(append)))
        peers[position].owesHeartbeat = false
        peers[position].sentRound = round
        peers[position].sentCommit = commit
    }

    /// Handles a follower's answer to AppendEntries. Where the follower's disk is slow it names only what
    /// is durable, which may be less than was sent or known before; `match` never falls by it. After a
    /// probe it opens the pipeline at the probe's place, so the probe's entries may go a second time,
    /// and no more often: where only the heartbeat arrived, they must.
    mutating func handleAppendReply(
        _ reply: AppendReply, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard reply.term == term, role == .leader, let position = position(ofPeer: sender) else {
            return
        }
        guard reply.round <= round else {
            droppedMessages += 1
            return
        }
        noteAnswer(of: position, round: reply.round, at: now)
        switch reply.outcome {
        case .matched(let index):
            guard index <= log.lastIndex else {
                droppedMessages += 1
                return
            }
            let hasTakenMore = index > peers[position].match
            if !reply.isDiskFull { noteProgress(of: position, to: index, into: &effects) }
            peers[position].advance(to: index, base: log.base.index)
            peers[position].isDiskFull = reply.isDiskFull
            if reply.isDiskFull, !hasTakenMore { peers[position].holdBack() }
            advanceCommit(at: now, into: &effects)
        case .conflict(let rejected, let hint):
            // Both logs agree at most where neither's term is newer (Raft §5.3, last part).
            let limit = log.lastIndex(upTo: hint.index, ofTermAtMost: hint.term)
            if !peers[position].backUp(rejected: rejected, to: limit) { droppedMessages += 1 }
        }
        confirmReads(into: &effects)
    }

    /// A follower has answered: it was heard (CheckQuorum), and confirms what was asked until that round.
    mutating func noteAnswer(of position: Int, round: UInt64, at now: Instant) {
        peers[position].lastHeard = now
        peers[position].acknowledgedRound = max(peers[position].acknowledgedRound, round)
    }

    /// Commits what a quorum has on disk, if the newest of it is of this term (Raft §5.4.2: an
    /// older term's entry is never committed by counting copies).
    mutating func advanceCommit(at now: Instant, into effects: inout Effects) {
        let reached = quorum.reached(floor: commit, own: durableThrough, peers: peers) { $0.match }
        guard reached > commit, log.term(at: reached) == term else { return }
        commit = reached
        if peers.contains(where: { $0.isConnected && $0.sending == nil && $0.sentCommit < commit })
        {
            // Followers apply what they know to be committed; tell them soon even if nothing
            // else is sent.
            heartbeatDue = min(heartbeatDue, now + timing.commitNotice)
        }
        startEarlyReads()
    }
}
