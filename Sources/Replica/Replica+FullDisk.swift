import Primitives
import Raft
import Wire

/// How a leader whose disk is full hands its leadership over.
struct Handover {
    /// Who did not take it.
    var tried: [NodeID] = []
    /// When the next one is tried.
    var due = Instant.origin
}

/// A node whose disk is full takes no writes. A leader gives its leadership to a voter whose disk is not;
/// where none can take it, it goes on leading, since reads need no disk.
extension Replica {
    mutating func noteDiskFull(_ isFull: Bool, at now: Instant, into effects: inout Effects) {
        guard isFull != raft.isDiskFull else { return }
        handover = Handover()
        effects.notices.append(.diskFull(isFull))
        stepRaft(.diskFull(isFull), at: now, into: &effects)
        // Before this turn's clients are told that their writes have no place here.
        transferOnFullDisk(at: now, into: &effects)
    }

    /// Tries one voter after the other, those with the longest logs first; when all have been tried, again
    /// after a while.
    mutating func transferOnFullDisk(at now: Instant, into effects: inout Effects) {
        guard raft.isDiskFull, !isStopping, raft.role == .leader, !raft.isTransferring,
            now >= handover.due
        else { return }
        guard let successor = raft.successor(excluding: handover.tried, at: now) else {
            handover = Handover(due: now + ReplicaLimits.handover)
            return
        }
        handover.tried.append(successor)
        beginTransfer(to: successor, at: now, into: &effects)
    }

    /// The message as the other side can read it: a program from before the feature levels is not told
    /// that this disk is full, and goes on sending what is dropped here.
    func spelling(of message: Message, on id: LinkID) -> Message {
        guard case .appendReply(var reply) = message, reply.isDiskFull,
            position(of: id).map({ links[$0].levels == nil }) ?? true
        else { return message }
        reply.isDiskFull = false
        return .appendReply(reply)
    }
}
