import Primitives
import Raft

/// A client that asked for a change of leadership and waits to hear who leads.
struct WaitingTransfer {
    var request: RequestID
    /// Who should lead; nil for any other node.
    var target: NodeID?
    /// The term whose leader was asked.
    var term: Term
    var deadline: Instant
}

/// A write that came while leadership was moving.
struct DeferredWrite {
    var request: RequestID
    var kind: EntryKind
    var payload: [UInt8]
    var deadline: Instant
}

/// Changes of leadership: those that a client asks for, the one that a stop begins with, and those of a
/// leader whose disk is full.
///
/// Writes that come meanwhile are deferred for the few milliseconds that it takes, and then proposed here
/// or sent on to the new leader.
extension Replica {
    /// A client wants another node to lead; nil for any.
    @usableFromInline
    mutating func requestTransfer(
        to target: NodeID?, _ id: RequestID, at now: Instant, into effects: inout Effects
    ) -> Answer? {
        guard isFounded else { return .unavailable(.forming) }
        guard raft.role == .leader, !isStopping else { return redirectToLeader() }
        if let target, !voters.contains(target) { return .notAVoter }
        if target == identity.node { return .leads(identity.node, raft.term) }
        guard waitingTransfers.count < ReplicaLimits.waitingTransfers else {
            return .unavailable(.overloaded)
        }
        // Writes that an earlier transfer deferred come first, or transfers could defer them for ever.
        if !raft.isTransferring, deferredWrites.isEmpty,
            let successor = target ?? raft.successor(excluding: [], at: now)
        {
            beginTransfer(to: successor, at: now, into: &effects)
        }
        guard raft.isTransferring, target == nil || target == raft.transferTarget else {
            return .transferFailed
        }
        let deadline = now + requestTimeout
        waitingTransfers.append(
            WaitingTransfer(request: id, target: target, term: raft.term, deadline: deadline))
        nextExpiry = min(nextExpiry, deadline)
        return nil
    }

    mutating func beginTransfer(
        to target: NodeID, at now: Instant, into effects: inout Effects
    ) {
        // What was taken before the transfer still belongs into this leader's log.
        submitProposals(at: now, into: &effects)
        stepRaft(.transferRequested(to: target), at: now, into: &effects)
        guard raft.isTransferring else { return }
        successorDue = now + timing.election.upperBound * 2
        effects.notices.append(.transferStarted(to: target))
    }

    /// Tells those who asked for a change of leadership what came of it.
    mutating func settleTransfers(into effects: inout Effects) {
        guard !waitingTransfers.isEmpty, !raft.isTransferring else { return }
        let waiting = waitingTransfers
        waitingTransfers.removeAll()
        for transfer in waiting {
            if raft.term == transfer.term {
                // It was cancelled, or this node lost its quorum first.
                effects.answers.append((transfer.request, .transferFailed))
            } else if let leader = raft.leader {
                let isDone = transfer.target == nil || transfer.target == leader
                effects.answers.append(
                    (transfer.request, isDone ? .leads(leader, raft.term) : .transferFailed))
            } else {
                waitingTransfers.append(transfer)
            }
        }
    }

    /// Answers those whose time is up; returns when to look again.
    mutating func expireTransfers(at now: Instant, into effects: inout Effects) -> Instant {
        let deferred = deferredWrites
        deferredWrites.removeAll(keepingCapacity: true)
        var next = deferred.isEmpty ? Instant.never : successorDue
        for write in deferred {
            if write.deadline <= now {
                effects.answers.append(
                    (write.request, .unavailable(isStopping ? .stopping : .noLeader)))
            } else {
                next = min(next, write.deadline)
                deferredWrites.append(write)
            }
        }
        let waiting = waitingTransfers
        waitingTransfers.removeAll()
        for transfer in waiting {
            if transfer.deadline <= now {
                effects.answers.append((transfer.request, .transferFailed))
            } else {
                next = min(next, transfer.deadline)
                waitingTransfers.append(transfer)
            }
        }
        return next
    }

    // MARK: Stopping

    /// The node is about to end. A leader gives its leadership away at the end of this turn.
    mutating func beginStop(at now: Instant, into effects: inout Effects) {
        isStopping = true
        stepRaft(.stopRequested, at: now, into: &effects)
    }

    /// A node that is about to end hands its leadership to the follower with the longest log, then to
    /// the next one if nothing came of it.
    mutating func transferOnStop(at now: Instant, into effects: inout Effects) {
        guard isStopping, raft.role == .leader, !raft.isTransferring else { return }
        guard let successor = raft.successor(excluding: triedSuccessors, at: now) else {
            hasNoSuccessor = true
            return
        }
        triedSuccessors.append(successor)
        beginTransfer(to: successor, at: now, into: &effects)
    }

    /// Whether a node that is about to end is done with leading: another node leads, or none can.
    public var hasHandedOver: Bool {
        isStopping && deferredWrites.isEmpty && (raft.role != .leader || hasNoSuccessor)
    }

    // MARK: Writes meanwhile

    /// Whether a write that can't be proposed now is kept until it is known who leads next.
    public func isLeadershipMoving(at now: Instant) -> Bool {
        if raft.role == .leader { return raft.isTransferring || (isStopping && !hasNoSuccessor) }
        return raft.leader == nil && now < successorDue
    }

    /// Goes on with the writes that were deferred, once it is known who leads.
    mutating func proposeDeferredWrites(at now: Instant, into effects: inout Effects) {
        guard !deferredWrites.isEmpty, !isLeadershipMoving(at: now) else { return }
        let deferred = deferredWrites
        deferredWrites.removeAll(keepingCapacity: true)
        for write in deferred {
            payloads.append(write.kind) { $0.append(contentsOf: write.payload) }
            if let answer = proposeNewestPayload(write.request, at: now) {
                effects.answers.append((write.request, answer))
            }
        }
    }
}
