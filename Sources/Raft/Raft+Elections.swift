import Primitives

/// A pre-vote request that was refused only because the leader is still heard. If the leader's
/// connection ends soon after, it is answered again.
struct DeferredPreVote {
    var sender: NodeID
    var request: PreVoteRequest
    var until: Instant
}

/// Elections (Raft §5.2), each begun by asking whether it could be won (pre-vote, thesis §9.6).
extension Raft {
    /// Draws a new election timeout (Raft §5.2: random, so that votes rarely split).
    mutating func resetElectionDeadline(at now: Instant) {
        electionDeadline = now + random.timespan(in: timing.election)
        timerStart = now
    }

    /// Gives up any other part, in this term or a later one. Who leads is not known any more.
    mutating func becomeFollower(in newTerm: Term, at now: Instant) {
        precondition(newTerm >= term, "from \(term) back to \(newTerm)")
        if newTerm > term {
            term = newTerm
            vote = nil
            isHardStateDirty = true
            forgetLeadersProgress()
        }
        if role == .leader {
            resetElectionDeadline(at: now)
            for position in peers.indices { peers[position].stopLeading() }
        }
        role = .follower
        transfer = nil
        leader = nil
        forgetReads()
    }

    /// Asks the others whether they would vote for this server in the next term. While the disk is
    /// stalled it only sets its timer again: it could not make its own vote durable.
    mutating func startPreVote(at now: Instant, into effects: inout Effects) {
        if noteDiskStall(at: now, into: &effects) || leavesElectionToOthers() {
            return resetElectionDeadline(at: now)
        }
        noteElection(at: now, into: &effects)
        var ballot = Ballot()
        ballot.grant(position(ofVoter: id))
        role = .precandidate(ballot)
        leader = nil
        resetElectionDeadline(at: now)
        for peer in peers where peer.isConnected {
            askPreVote(of: peer.id, into: &effects)
        }
        campaignIfWelcome(at: now, into: &effects)
    }

    private func askPreVote(of peer: NodeID, into effects: inout Effects) {
        // A pre-vote promises nothing, so it leaves at once.
        let request = PreVoteRequest(term: term, last: log.last)
        effects.outbox.append(Outbound(to: peer, message: .preVoteRequest(request)))
    }

    private mutating func campaignIfWelcome(at now: Instant, into effects: inout Effects) {
        guard case .precandidate(let ballot) = role, ballot.count >= quorum.size,
            !isDiskStalled(at: now)
        else { return }
        campaign(at: now, into: &effects)
    }

    /// Stands for election in the next term.
    mutating func campaign(at now: Instant, into effects: inout Effects) {
        noteCampaign(in: term.next, into: &effects)
        // Raft §5.2: increment the term, vote for oneself, ask for votes. The request waits until
        // term and vote are on disk, or a crash could let this server lead one term twice.
        term = term.next
        vote = id
        isHardStateDirty = true
        forgetLeadersProgress()
        leader = nil
        role = .candidate(Ballot())
        resetElectionDeadline(at: now)
        promiseOwnVote()
        for peer in peers where peer.isConnected {
            promise(
                .voteRequest(VoteRequest(term: term, last: log.last)), to: peer.id, into: &effects)
        }
    }

    /// The candidate's own vote is on disk and counts.
    mutating func countOwnVote(in votedIn: Term, at now: Instant, into effects: inout Effects) {
        guard votedIn == term, case .candidate = role else { return }
        grant(from: id, at: now, into: &effects)
    }

    private mutating func grant(
        from voter: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard case .candidate(var ballot) = role else { return }
        ballot.grant(position(ofVoter: voter))
        role = .candidate(ballot)
        // The own vote is among those counted, or it is not on disk yet.
        let hasOwn = ballot.isGranted(by: position(ofVoter: id))
        if ballot.count >= quorum.size && hasOwn {
            becomeLeader(at: now)
            noteElected(by: ballot, into: &effects)
        }
    }

    private mutating func becomeLeader(at now: Instant) {
        role = .leader
        leader = id
        round = 0
        wantsRound = false
        lastTransfer = 0
        heartbeatDue = now + timing.heartbeat
        for position in peers.indices {
            peers[position].startLeading(after: log.lastIndex, at: now)
        }
        // Raft §8: an entry of the own term, since only such an entry can be committed by counting.
        appendToLog(.noOperation, payload: 0..<0, of: [])
    }

    /// Answers a pre-vote question: yes where the asker's log is up to date and this server, too,
    /// has lost its leader.
    mutating func handlePreVoteRequest(
        _ request: PreVoteRequest, from sender: NodeID, at now: Instant,
        into effects: inout Effects
    ) {
        var granted = false
        if request.term >= term && request.last.isAtLeastAsUpToDate(as: log.last) {
            granted = !hearsLeader(at: now)
            if !granted {
                deferredPreVote = DeferredPreVote(
                    sender: sender, request: request, until: now + timing.heartbeat)
            }
        }
        // A refusal carries this server's term, so that an asker whose term is old catches up.
        let reply = PreVoteReply(term: term, askedIn: request.term, granted: granted)
        effects.outbox.append(Outbound(to: sender, message: .preVoteReply(reply)))
    }

    private func hearsLeader(at now: Instant) -> Bool {
        if role == .leader { return true }
        return leader != nil && now.since(lastLeaderContact) < timing.election.lowerBound
    }

    /// Counts an answer to this server's pre-vote question.
    mutating func handlePreVoteReply(
        _ reply: PreVoteReply, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard case .precandidate(var ballot) = role, reply.askedIn == term, reply.granted else {
            return
        }
        ballot.grant(position(ofVoter: sender))
        role = .precandidate(ballot)
        campaignIfWelcome(at: now, into: &effects)
    }

    /// Answers RequestVote: one vote a term, first come first served, and only for a log that is at
    /// least as up-to-date (Raft §5.2, §5.4.1).
    mutating func handleVoteRequest(
        _ request: VoteRequest, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        let granted =
            request.term == term && (vote == nil || vote == sender)
            && request.last.isAtLeastAsUpToDate(as: log.last)
        if granted {
            if vote == nil {
                vote = sender
                isHardStateDirty = true
                noteVote(for: sender, into: &effects)
            }
            // Raft §5.2: a follower that has granted its vote waits for a new election timeout.
            if role != .leader { role = .follower }
            resetElectionDeadline(at: now)
        }
        let reply = Message.voteReply(VoteReply(term: term, granted: granted))
        if granted {
            promise(reply, to: sender, into: &effects)
        } else {
            promiseTerm(reply, to: sender, into: &effects)
        }
    }

    /// Counts an answer to this candidate's RequestVote.
    mutating func handleVoteReply(
        _ reply: VoteReply, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard reply.term == term, reply.granted else { return }
        grant(from: sender, at: now, into: &effects)
    }

    /// A connection has come up: whatever was said before may not have arrived.
    mutating func connected(
        _ peer: NodeID, start: UInt64, at now: Instant, into effects: inout Effects
    ) {
        guard let position = position(ofPeer: peer) else { return }
        peers[position].isConnected = true
        peers[position].meet(start: start)
        switch role {
        case .follower:
            break
        case .precandidate:
            if !isDiskStalled(at: now) { askPreVote(of: peer, into: &effects) }
        case .candidate:
            let request = VoteRequest(term: term, last: log.last)
            promise(.voteRequest(request), to: peer, into: &effects)
        case .leader:
            peers[position].restartFlow()
        }
    }

    /// A connection has ended. A follower whose leader it led to need not wait for its timer: the
    /// voters stand for election one after the other, in the order that follows the lost leader's
    /// place, so that two of them do not split the vote.
    mutating func connectionLost(_ peer: NodeID, at now: Instant, into effects: inout Effects) {
        guard let position = position(ofPeer: peer) else { return }
        peers[position].isConnected = false
        if transfer?.target == peer { cancelTransfer(into: &effects) }
        guard role == .follower, leader == peer else { return }
        leader = nil
        lostLeader = peer
        let own = self.position(ofVoter: id)
        let lost = self.position(ofVoter: peer)
        let rank = (own - lost + voters.count) % voters.count - 1
        electionDeadline = min(electionDeadline, now + timing.successionStep * rank)
        if let deferred = deferredPreVote, now <= deferred.until {
            handlePreVoteRequest(deferred.request, from: deferred.sender, at: now, into: &effects)
        }
        deferredPreVote = nil
        if now >= electionDeadline, !isStopping { startPreVote(at: now, into: &effects) }
    }
}
