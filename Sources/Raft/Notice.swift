import Primitives

extension Raft {
    /// A change of role, term or quorum, and why it came about. For people: nothing is decided by it.
    public enum Notice: Hashable, Sendable {
        /// Why a server asks for votes.
        public enum ElectionCause: Hashable, Sendable {
            /// The leader was silent for that long.
            case silence(NodeID, Timespan)
            /// The connection to the leader ended.
            case connectionLost(NodeID)
            /// No leader has been known for that long.
            case noLeader(Timespan)
            /// The last attempt came to nothing within that time.
            case again(Timespan)
        }

        /// The server asks whether it would be elected in the term after the present one.
        case electionStarted(ElectionCause)
        /// The server stands for election in that term: a quorum would vote for it, or the leader hands
        /// its leadership over.
        case campaigning(Term, handedOverBy: NodeID?)
        /// The server leads that term; these voted for it.
        case elected(Term, by: [NodeID])
        /// The server has voted for that one in that term.
        case voted(for: NodeID, Term)
        /// The server follows that leader in that term.
        case following(NodeID, Term)
        /// The server leads no more: it has not heard a quorum for that long.
        case quorumLost(Timespan)
        /// That peer is in a newer term than the server was, in that role.
        case newerTerm(Term, at: NodeID, was: Role)
        /// A follower lacks that many entries.
        case behind(NodeID, entries: Int)
        /// A follower that was behind has all but what is under way.
        case caughtUp(NodeID)
        /// The disk has made no progress with a write for that long: the server does not lead and asks
        /// for no votes until it does.
        case diskStalled(Timespan)
        /// The disk has finished the write on which it had stalled, after that time.
        case diskRecovered(Timespan)
        /// A follower's disk has lost what it acknowledged: it does not count any more.
        case lostEntries(LostEntries)
        /// The server leads on: the follower did not take its leadership over in time.
        case transferFailed(to: NodeID)
    }
}

// What the core notes for people, each where it happens.
extension Raft {
    /// Called before the role changes.
    mutating func noteElection(at now: Instant, into effects: inout Effects) {
        let waited = now.since(timerStart)
        let cause: Notice.ElectionCause
        if role != .follower {
            cause = .again(waited)
        } else if let lostLeader {
            cause = .connectionLost(lostLeader)
        } else if let leader {
            cause = .silence(leader, now.since(lastLeaderContact))
        } else {
            cause = .noLeader(waited)
        }
        if role == .follower { askingSince = now }
        lostLeader = nil
        effects.notices.append(.electionStarted(cause))
    }

    /// Called before the role changes; only a leader's order makes a follower stand for election.
    func noteCampaign(in next: Term, into effects: inout Effects) {
        effects.notices.append(
            .campaigning(next, handedOverBy: role == .follower ? leader : nil))
    }

    func noteElected(by ballot: Ballot, into effects: inout Effects) {
        let electors = voters.indices.filter { ballot.isGranted(by: $0) }.map { voters[$0] }
        effects.notices.append(.elected(term, by: electors))
    }

    mutating func noteVote(for candidate: NodeID, into effects: inout Effects) {
        lostLeader = nil
        effects.notices.append(.voted(for: candidate, term))
    }

    /// Called before role and leader change.
    mutating func noteFollowing(_ sender: NodeID, into effects: inout Effects) {
        guard leader != sender || role != .follower else { return }
        lostLeader = nil
        effects.notices.append(.following(sender, term))
    }

    /// Called before the server gives its leadership up.
    func noteQuorumLost(at now: Instant, into effects: inout Effects) {
        let heard = quorum.reached(floor: .origin, own: now, peers: peers) { $0.lastHeard }
        effects.notices.append(.quorumLost(now.since(heard)))
    }

    /// Called before the term changes.
    func noteNewerTerm(_ newer: Term, at sender: NodeID, into effects: inout Effects) {
        effects.notices.append(.newerTerm(newer, at: sender, was: role))
    }

    /// Called before the follower's answer counts: the first one after a connection or an election says
    /// how far behind it is.
    mutating func noteProgress(
        of position: Int, to index: LogIndex, into effects: inout Effects
    ) {
        let peer = peers[position]
        if peer.isCatchingUp {
            guard index.distance(to: commit) <= RaftLimits.entriesBehind else { return }
            peers[position].isCatchingUp = false
            effects.notices.append(.caughtUp(peer.id))
        } else if !peer.isPipelining {
            // The batch that it answers followed the last entry on which the logs agreed before.
            let lacking = peer.next.previous.distance(to: log.lastIndex)
            guard lacking > RaftLimits.entriesBehind else { return }
            peers[position].isCatchingUp = true
            effects.notices.append(.behind(peer.id, entries: lacking))
        }
    }

    /// Called before the follower is sent a snapshot.
    mutating func noteSnapshot(for position: Int, into effects: inout Effects) {
        guard !peers[position].isCatchingUp else { return }
        peers[position].isCatchingUp = true
        let lacking = peers[position].next.previous.distance(to: log.lastIndex)
        effects.notices.append(.behind(peers[position].id, entries: lacking))
    }
}
