import Primitives
import Raft

/// A client that waits for a read.
struct WaitingRead {
    var request: RequestID
    var deadline: Instant
}

/// One question to the leader, for all reads that came in one turn.
struct ReadAttempt {
    var id: ReadID
    /// Under which leader it was asked.
    var leader: NodeID
    var term: Term
    /// When it is taken for lost and asked again, under a new id.
    var retry: Instant
    /// What must be committed here before the answer, once the leader has said it.
    var index: LogIndex?
    var reads: [WaitingRead]
}

/// Linearizable reads on any node.
extension Replica {
    /// A client wants the state, no older than any write acknowledged before.
    @usableFromInline
    mutating func requestRead(_ id: RequestID, at now: Instant) -> Answer? {
        guard isFounded else { return .unavailable(isStopping ? .stopping : .forming) }
        // A node that is about to end does not wait for a leader to appear.
        if isStopping, raft.leader == nil, now >= successorDue { return .unavailable(.stopping) }
        guard waitingReads < ReplicaLimits.waitingReads else { return .unavailable(.overloaded) }
        waitingReads += 1
        let deadline = now + requestTimeout
        unsentReads.append(WaitingRead(request: id, deadline: deadline))
        nextExpiry = min(nextExpiry, deadline)
        return nil
    }

    /// Asks for a read index for all reads that have none under way. An attempt whose leader is gone,
    /// or that got no answer in time, is asked again under an id never used before, since an old
    /// answer to it may still come (etcd's issue 20418).
    mutating func sendReads(at now: Instant, into effects: inout Effects) {
        reclaimLostAttempts(at: now)
        guard !unsentReads.isEmpty, let leader = raft.leader else { return }
        readCounter += 1
        let id = ReadID(nonce: identity.nonce, counter: readCounter)
        let retry = now + timing.election.lowerBound
        readAttempts.append(
            ReadAttempt(
                id: id, leader: leader, term: raft.term, retry: retry, index: nil,
                reads: unsentReads))
        unsentReads.removeAll(keepingCapacity: true)
        nextExpiry = min(nextExpiry, retry)
        stepRaft(.readRequested(id), at: now, into: &effects)
    }

    private mutating func reclaimLostAttempts(at now: Instant) {
        guard !readAttempts.isEmpty else { return }
        let (leader, term) = (raft.leader, raft.term)
        readAttempts.removeAll { attempt in
            let isLost =
                attempt.index == nil
                && (attempt.leader != leader || attempt.term != term || attempt.retry <= now)
            if isLost { unsentReads.append(contentsOf: attempt.reads) }
            return isLost
        }
    }

    /// The leader has confirmed itself for an attempt.
    mutating func readReady(_ ready: ReadReady) {
        guard let position = readAttempts.firstIndex(where: { $0.id == ready.id }) else { return }
        readAttempts[position].index = ready.index
    }

    /// Answers the reads whose index is known to be committed here.
    mutating func answerReads(into effects: inout Effects) {
        guard !readAttempts.isEmpty else { return }
        let commit = raft.commit
        readAttempts.removeAll { attempt in
            guard let index = attempt.index, index <= commit else { return false }
            for read in attempt.reads {
                effects.answers.append((read.request, .readable(through: index)))
            }
            waitingReads -= attempt.reads.count
            return true
        }
    }

    /// Answers the reads whose time is up; returns when to look again.
    mutating func expireReads(at now: Instant, into effects: inout Effects) -> Instant {
        var next = Instant.never
        func keep(_ read: WaitingRead) -> Bool {
            if read.deadline <= now {
                effects.answers.append((read.request, .unavailable(.noLeader)))
                waitingReads -= 1
                return false
            }
            next = min(next, read.deadline)
            return true
        }
        unsentReads = unsentReads.filter(keep)
        for position in readAttempts.indices {
            readAttempts[position].reads = readAttempts[position].reads.filter(keep)
            if readAttempts[position].index == nil, readAttempts[position].retry > now {
                next = min(next, readAttempts[position].retry)
            }
        }
        readAttempts.removeAll { $0.reads.isEmpty }
        return next
    }
}
