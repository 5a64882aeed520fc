import Primitives

/// A write that the host is carrying out.
struct OutstandingWrite {
    var id: WriteID
    /// The last index of the log that will be on disk with it.
    var through: LogIndex
    /// Whether nothing of the core's is in it, only the host's own.
    var isHostsAlone: Bool
}

/// Something that waits for a write.
struct Held {
    enum Promise {
        /// A message whose truth rests on the disk.
        case message(Outbound)
        /// The candidate's own vote in that term.
        case ownVote(Term)
    }

    var until: WriteID
    var promise: Promise
}

/// The disk backs every promise: what is said to others on the ground of term, vote or log leaves
/// only when that ground is synced (Raft figure 2, "updated on stable storage before responding").
extension Raft {
    /// The write after which all that this server now believes is on disk.
    private var barrier: WriteID {
        if isHardStateDirty || unwrittenFrom != nil { return lastWrite.next }
        guard let outstanding, !outstanding.isHostsAlone else { return .zero }
        return outstanding.id
    }

    /// Sends the message as soon as all that this server now believes is on disk.
    mutating func promise(
        _ message: Message, to receiver: NodeID, into effects: inout Effects
    ) {
        let outbound = Outbound(to: receiver, message: message)
        if barrier == .zero {
            effects.outbox.append(outbound)
        } else {
            held.append(Held(until: barrier, promise: .message(outbound)))
        }
    }

    /// Counts the candidate's own vote as soon as it is on disk.
    mutating func promiseOwnVote() {
        held.append(Held(until: barrier, promise: .ownVote(term)))
    }

    /// Notes that entries from `index` on are not on disk, whatever lay there before.
    mutating func noteUnwritten(from index: LogIndex) {
        unwrittenFrom = min(unwrittenFrom ?? index, index)
        durableThrough = min(durableThrough, index.previous)
        if let write = outstanding {
            outstanding?.through = min(write.through, index.previous)
        }
    }

    /// Asks for a write where something is new and no write is under way: one batch is unsynced at
    /// a time, and what comes meanwhile makes the next one.
    mutating func requestWrite(into effects: inout Effects) {
        let hasOwn = isHardStateDirty || unwrittenFrom != nil
        guard outstanding == nil, hasOwn || hostHasMore else { return }
        lastWrite = lastWrite.next
        let end = log.lastIndex.next
        effects.write = Write(
            id: lastWrite,
            hardState: isHardStateDirty ? HardState(term: term, vote: vote) : nil,
            entries: (unwrittenFrom ?? end)..<end)
        outstanding = OutstandingWrite(
            id: lastWrite, through: log.lastIndex, isHostsAlone: !hasOwn)
        hostHasMore = false
        isHardStateDirty = false
        unwrittenFrom = nil
    }

    /// Lets go what waited for the write.
    mutating func persisted(
        through write: WriteID, at now: Instant, into effects: inout Effects
    ) {
        guard let done = outstanding, done.id == write else {
            preconditionFailure("\(write) is on disk, but \(String(describing: outstanding)) was")
        }
        durableThrough = done.through
        outstanding = nil
        while let first = held.first, first.until <= write {
            held.popFirst()
            switch first.promise {
            case .message(let outbound): effects.outbox.append(outbound)
            case .ownVote(let votedIn): countOwnVote(in: votedIn, at: now, into: &effects)
            }
        }
        if role == .leader { advanceCommit(at: now, into: &effects) }
    }
}
