import Primitives
import Raft

/// Which voters answer, and whether they are a majority. Only people are told: Raft counts for itself.
extension Replica {
    /// The voters that answer this node, itself included, in the order of ids.
    ///
    /// A leader hears its followers all the time. Somebody who asks for votes hears those that live
    /// within an election timeout. Otherwise a connection on which nothing else is said carries a sign
    /// of life once in `ReplicaLimits.keepalive`.
    public func reachableVoters(at now: Instant) -> [NodeID] {
        reachableVoters(heardWithin: answerTime(at: now), at: now)
    }

    private func reachableVoters(heardWithin span: Timespan, at now: Instant) -> [NodeID] {
        voters.filter { voter in
            if voter == identity.node { return true }
            return links.contains { $0.peer?.node == voter && now.since($0.lastHeard) <= span }
        }
    }

    private func answerTime(at now: Instant) -> Timespan {
        let timeout = timing.election.upperBound
        switch raft.role {
        case .leader: return timeout
        case .precandidate, .candidate:
            return now.since(raft.askingSince) > timing.election.lowerBound
                ? timeout * 2 : ReplicaLimits.keepalive * 2
        case .follower: return ReplicaLimits.keepalive * 2
        }
    }

    /// Hands on what the core noted. Where it had to step down or ask for votes, the majority may be
    /// gone.
    mutating func forwardNotices(at now: Instant, into effects: inout Effects) {
        let notices = effects.raft.notices
        effects.raft.notices.removeAll(keepingCapacity: true)
        for notice in notices {
            effects.notices.append(.raft(notice))
            switch notice {
            case .quorumLost:
                noteMajority(heardWithin: timing.election.upperBound, at: now, into: &effects)
            case .electionStarted:
                noteMajority(heardWithin: answerTime(at: now), at: now, into: &effects)
            default: break
            }
        }
    }

    private mutating func noteMajority(
        heardWithin span: Timespan, at now: Instant, into effects: inout Effects
    ) {
        guard majorityLostAt == nil else { return }
        let answering = reachableVoters(heardWithin: span, at: now)
        guard answering.count < Quorum(voters: voters.count).size else { return }
        majorityLostAt = now
        effects.notices.append(.majorityLost(answering: answering))
    }

    /// A leader that is known has a majority.
    mutating func noteMajorityBack(at now: Instant, into effects: inout Effects) {
        guard let lostAt = majorityLostAt, let leader = raft.leader else { return }
        majorityLostAt = nil
        effects.notices.append(.majorityBack(leader: leader, after: now.since(lostAt)))
    }
}
