import Primitives
import Raft

/// A write whose fate is not known yet.
struct WaitingWrite {
    var entry: EntryID
    var request: RequestID
    var deadline: Instant
}

/// Writes, from the client's question to their fate.
///
/// The node that proposed a write keeps its client waiting until it knows which entry is committed
/// at the write's index. The entry's own term there is success under any leader; another term means that
/// the write can never be applied. That the own log lost the entry proves nothing (Raft figure 8).
extension Replica {
    /// Adds the payload of a guarded command; without a guard it is a bare one.
    @inlinable
    mutating func appendPayload(_ command: some LogCommand, _ writeGuard: WriteGuard) {
        if writeGuard.isEmpty {
            payloads.append { command.append(to: &$0) }
        } else {
            payloads.append(.envelope) { bytes in
                Envelope.append(writeGuard, to: &bytes) { command.append(to: &$0) }
            }
        }
    }

    /// A client wants to write the newest of `payloads`; it is taken back unless it is proposed.
    @usableFromInline
    mutating func proposeNewestPayload(_ id: RequestID, at now: Instant) -> Answer? {
        guard isFounded else { return takeBack(.unavailable(isStopping ? .stopping : .forming)) }
        if isLeadershipMoving(at: now) { return deferNewestPayload(id, at: now) }
        guard raft.role == .leader, !isStopping else { return takeBack(redirectToLeader()) }
        guard raft.hasRoomForEntries else { return takeBack(.unavailable(.diskFull)) }
        guard payloads.kinds.last == .command || canGuardWrites else {
            return takeBack(.unavailable(isLevelPending ? .noLeader : .unsupported))
        }
        guard waitingWrites.count + proposers.count < ReplicaLimits.waitingWrites else {
            return takeBack(.unavailable(.overloaded))
        }
        proposers.append(id)
        return nil
    }

    /// Drops the newest payload, whose client gets that answer.
    private mutating func takeBack(_ answer: Answer) -> Answer {
        payloads.removeLast()
        return answer
    }

    /// Whether this leader's log may take envelopes. The level at its end counts, committed or not: in
    /// every log the entry that raised the level stands before the envelope, and a new leader that has
    /// yet to learn the commit index must not deny what the cluster can do.
    private var canGuardWrites: Bool { raft.log.level >= .guardedWrites }

    /// Whether this leader, whose log takes no envelopes, is about to raise the level: it has yet to commit
    /// an entry of its own term, or all voters can do what it takes. Clients of a cluster that has just
    /// been founded need not be told that it can't.
    private var isLevelPending: Bool {
        guard let levels = identity.levels, levels.upperBound >= .guardedWrites else {
            return false
        }
        if raft.log.term(at: raft.commit) != raft.term { return true }
        return commonLevel(within: levels).map { $0 >= .guardedWrites } ?? false
    }

    private mutating func deferNewestPayload(_ id: RequestID, at now: Instant) -> Answer? {
        guard deferredWrites.count < ReplicaLimits.waitingWrites else {
            return takeBack(.unavailable(.overloaded))
        }
        let newest = payloads.count - 1
        let kind = payloads.kinds[newest]
        let payload = Array(payloads.bytes[payloads.range(at: newest)])
        payloads.removeLast()
        let deadline = now + requestTimeout
        deferredWrites.append(
            DeferredWrite(request: id, kind: kind, payload: payload, deadline: deadline))
        nextExpiry = min(nextExpiry, min(successorDue, deadline))
        return nil
    }

    /// Sends a client on to the leader, or says why that can't be done.
    func redirectToLeader() -> Answer {
        // Only a leader whose connection this node holds is worth sending a client to.
        guard let leader = raft.leader, leader != identity.node,
            let peer = establishedLink(with: leader)
        else { return .unavailable(isStopping ? .stopping : .noLeader) }
        return .redirect(leader: leader, http: peer.http)
    }

    /// Submits what the turn's clients want as one batch.
    mutating func submitProposals(at now: Instant, into effects: inout Effects) {
        guard !proposers.isEmpty else { return }
        effects.raft.accepted = nil
        // The core reads the payloads and gives the room back with the next statement.
        stepRaft(.submitted(payloads), at: now, into: &effects)
        payloads.removeAll()
        if let first = effects.raft.accepted {
            awaitFate(ofWritesFrom: first, deadline: now + requestTimeout)
        } else {
            for request in proposers {
                effects.answers.append((request, .unavailable(.noLeader)))
            }
        }
        proposers.removeAll(keepingCapacity: true)
    }

    /// Puts the turn's writes among those that wait, which are sorted by index. New ones come last,
    /// unless this node led before, lost entries, and leads again: then the two are merged.
    private mutating func awaitFate(ofWritesFrom first: EntryID, deadline: Instant) {
        var overtaken: [WaitingWrite] = []
        while let last = waitingWrites.last, last.entry.index > first.index {
            overtaken.append(last)
            waitingWrites.popLast()
        }
        for (offset, request) in proposers.enumerated() {
            let entry = EntryID(index: first.index.advanced(by: offset), term: first.term)
            while let next = overtaken.last, next.entry.index <= entry.index {
                waitingWrites.append(next)
                overtaken.removeLast()
            }
            waitingWrites.append(
                WaitingWrite(entry: entry, request: request, deadline: deadline))
        }
        while let next = overtaken.popLast() { waitingWrites.append(next) }
        nextExpiry = min(nextExpiry, deadline)
    }

    /// Answers the writes at whose index an entry is committed.
    mutating func settleWrites(into effects: inout Effects) {
        var cursor = TermCursor()
        while let write = waitingWrites.first, write.entry.index <= raft.commit {
            waitingWrites.popFirst()
            let isCommitted = raft.log.term(at: write.entry.index, &cursor) == write.entry.term
            effects.answers.append(
                (write.request, isCommitted ? .committed(write.entry) : .unavailable(.superseded)))
        }
    }

    /// Whether any client still waits for its answer.
    public var hasWaitingRequests: Bool {
        !waitingWrites.isEmpty || !proposers.isEmpty || !unsentReads.isEmpty
            || !readAttempts.isEmpty || !deferredWrites.isEmpty || !waitingTransfers.isEmpty
    }

    /// Answers everybody who waits as if their time were up.
    mutating func abandonRequests(into effects: inout Effects) {
        nextExpiry = .origin
        expireRequests(at: .never, into: &effects)
    }

    /// Answers those whose time is up: a write's outcome is unknown, a read was not confirmed.
    mutating func expireRequests(at now: Instant, into effects: inout Effects) {
        guard now >= nextExpiry else { return }
        var next = Instant.never
        for _ in 0..<waitingWrites.count {
            guard let write = waitingWrites.popFirst() else { break }
            if write.deadline <= now {
                effects.answers.append((write.request, .unknownOutcome))
            } else {
                next = min(next, write.deadline)
                waitingWrites.append(write)
            }
        }
        next = min(next, expireReads(at: now, into: &effects))
        next = min(next, expireTransfers(at: now, into: &effects))
        // Deadlines lie as close as requests came; looking every 10 ms is close enough.
        nextExpiry = next == .never ? .never : max(next, now + .milliseconds(10))
    }
}
