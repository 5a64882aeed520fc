import Primitives

/// A write that the host is carrying out.
struct OutstandingWrite {
    var id: WriteID
    var askedAt: Instant
    /// The last index of the log that will be on disk with it.
    var through: LogIndex
    /// Whether term and vote are in it.
    var hasHardState: Bool
    /// Whether nothing of the core's is in it, only the host's own.
    var isHostsAlone: Bool
    /// Whether it was noted that the disk makes no progress with it.
    var isNotedStalled = false
}

/// Something that waits for a write.
struct PendingPromise {
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
    /// Whether something of the core's is new since the last write was asked for.
    private var hasUnwritten: Bool {
        isHardStateDirty || unwrittenFrom != nil || unwrittenBase != nil
    }

    /// The write after which all that this server now believes is on disk.
    private var barrier: WriteID {
        if hasUnwritten { return lastWrite.next }
        guard let outstanding, !outstanding.isHostsAlone else { return .zero }
        return outstanding.id
    }

    /// Whether the present term and vote are on disk.
    var isTermDurable: Bool {
        !isHardStateDirty && !(outstanding?.hasHardState ?? false)
    }

    /// Sends the message as soon as all that this server now believes is on disk.
    mutating func promise(
        _ message: Message, to receiver: NodeID, into effects: inout Effects
    ) {
        let outbound = Outbound(to: receiver, message: message)
        if barrier == .zero {
            effects.outbox.append(outbound)
        } else if replacesLastPromise(message, to: receiver) {
            pendingPromises[pendingPromises.count - 1].promise = .message(outbound)
        } else {
            pendingPromises.append(PendingPromise(until: barrier, promise: .message(outbound)))
        }
    }

    /// Whether the last promise is the same kind of answer to the same leader, which the new one makes
    /// void: or they would pile up for as long as the disk hangs.
    private func replacesLastPromise(_ message: Message, to receiver: NodeID) -> Bool {
        guard let last = pendingPromises.last, last.until == barrier,
            case .message(let outbound) = last.promise, outbound.to == receiver
        else { return false }
        return switch (outbound.message, message) {
        case (.appendReply, .appendReply), (.snapshotReply, .snapshotReply): true
        default: false
        }
    }

    /// Sends a message that rests on nothing but the term: at once where that is on disk.
    mutating func promiseTerm(
        _ message: Message, to receiver: NodeID, into effects: inout Effects
    ) {
        guard isTermDurable else { return promise(message, to: receiver, into: &effects) }
        effects.outbox.append(Outbound(to: receiver, message: message))
    }

    /// Counts the candidate's own vote as soon as it is on disk.
    mutating func promiseOwnVote() {
        pendingPromises.append(PendingPromise(until: barrier, promise: .ownVote(term)))
    }

    /// Notes that entries from `index` on are not on disk, whatever lay there before.
    mutating func noteUnwritten(from index: LogIndex) {
        unwrittenFrom = min(unwrittenFrom ?? index, index)
        durableThrough = min(durableThrough, index.previous)
        if let write = outstanding {
            outstanding?.through = min(write.through, index.previous)
        }
    }

    /// Notes that a snapshot on disk stands for all up to `base`, which is the log's base from now on.
    ///
    /// What the disk's log holds is followed by what is written next, unless entries up to the base were
    /// never written, or others were: then it begins anew behind the base. Those behind the base are
    /// written after that: where one is not written, neither is any that follows it.
    mutating func noteBase(_ base: EntryID, replacesLog: Bool) {
        if replacesLog || unwrittenFrom.map({ $0 <= base.index }) ?? false {
            unwrittenBase = base
            unwrittenFrom = base.index < log.lastIndex ? base.index.next : nil
        }
        durableThrough = replacesLog ? base.index : max(durableThrough, base.index)
        if let write = outstanding {
            // A write that was asked for before says nothing about a log that has been replaced.
            outstanding?.through = replacesLog ? min(write.through, base.index) : write.through
        }
    }

    /// Asks for a write where something is new and no write is under way: one batch is unsynced at
    /// a time, and what comes meanwhile makes the next one.
    mutating func requestWrite(at now: Instant, into effects: inout Effects) {
        let hasOwn = hasUnwritten
        guard outstanding == nil, hasOwn || hostHasMore else { return }
        lastWrite = lastWrite.next
        let end = log.lastIndex.next
        effects.write = Write(
            id: lastWrite, base: unwrittenBase,
            hardState: isHardStateDirty ? HardState(term: term, vote: vote) : nil,
            entries: (unwrittenFrom ?? end)..<end)
        outstanding = OutstandingWrite(
            id: lastWrite, askedAt: now, through: log.lastIndex, hasHardState: isHardStateDirty,
            isHostsAlone: !hasOwn)
        hostHasMore = false
        isHardStateDirty = false
        unwrittenBase = nil
        unwrittenFrom = nil
    }

    /// Releases what waited for the write.
    mutating func persisted(
        through write: WriteID, at now: Instant, into effects: inout Effects
    ) {
        guard let done = outstanding, done.id == write else {
            preconditionFailure("\(write) is on disk, but \(String(describing: outstanding)) was")
        }
        // What lies at or below the base is on disk in a snapshot, whatever this write was.
        durableThrough = max(done.through, durableThrough)
        outstanding = nil
        compact()
        hasDiskProgress = true
        if done.isNotedStalled {
            effects.notices.append(.diskRecovered(now.since(done.askedAt)))
        }
        while let first = pendingPromises.first, first.until <= write {
            pendingPromises.popFirst()
            switch first.promise {
            case .message(let outbound): effects.outbox.append(outbound)
            case .ownVote(let votedIn): countOwnVote(in: votedIn, at: now, into: &effects)
            }
        }
        if role == .leader { advanceCommit(at: now, into: &effects) }
    }

    // MARK: A disk that makes no progress

    /// When the write under way makes the disk count as stalled: after the longest election timeout.
    var diskStallDue: Instant {
        outstanding.map { $0.askedAt + timing.election.upperBound } ?? .never
    }

    /// Whether the disk has made no progress for an election timeout. Such a server could keep no
    /// promise, so it neither leads nor stands for election until the disk answers
    /// (hashicorp/raft issue 503).
    func isDiskStalled(at now: Instant) -> Bool { now >= diskStallDue }

    /// Notes a stalled disk, once for each write. Returns whether it is stalled.
    mutating func noteDiskStall(at now: Instant, into effects: inout Effects) -> Bool {
        guard let write = outstanding, isDiskStalled(at: now) else { return false }
        if !write.isNotedStalled {
            outstanding?.isNotedStalled = true
            effects.notices.append(.diskStalled(now.since(write.askedAt)))
        }
        return true
    }
}
