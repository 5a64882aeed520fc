import Primitives
import Raft
import WriteAheadLog

/// What the disk is doing, and what it is to do next.
struct DiskProgress {
    enum Pending: Hashable {
        case write(WriteID)
        case mark(LogIndex)
        case drop(LogIndex)
        case reclaim
        case giveBack
        case close
    }

    /// The request that is under way, and since when.
    private(set) var pending: (request: Pending, since: Instant)?
    /// The write that waits for a mark, for segments to go, or for space.
    private var queued: (id: WriteID, batch: LogBatch)?
    /// Whether that write was refused for want of space: it waits until `retryDue`.
    private var isRefused = false
    /// Whether the disk is full, as the log said with its last answer.
    private(set) var isFull: Bool
    /// When the disk, which is full, is tried again.
    private var retryDue: Instant
    /// Whether the reserve is to be given back, since there is no space for a snapshot.
    private var mustGiveBack = false
    /// An empty batch that has room from its last use.
    private var spare: LogBatch?
    /// How long a write may take before people are told.
    let slow: Timespan
    /// The commit index in the log's newest mark; nil where a batch has followed it.
    private var marked: LogIndex?
    /// When a mark is to be written; `never` while there is nothing to note, or no time for it.
    private(set) var markDue = Instant.never
    private(set) var isClosed = false

    init(slow: Timespan, isFull: Bool = false) {
        self.slow = slow
        self.isFull = isFull
        retryDue = isFull ? .origin : .never
    }

    /// When the next turn must begin to try a full disk again.
    var retryDeadline: Instant { isIdle && !isClosed ? retryDue : .never }

    var isIdle: Bool { pending == nil && (queued == nil || isRefused) }

    /// A batch to stage the next write in.
    mutating func takeBatch() -> LogBatch { spare.take() ?? LogBatch() }

    /// Asks for a write; it waits only for a mark, or for segments to go.
    mutating func request(
        _ id: WriteID, _ batch: consuming LogBatch, at now: Instant
    ) -> Node.DiskRequest? {
        precondition(queued == nil && !isClosed, "a write behind another, or behind the close")
        markDue = .never
        marked = nil
        guard pending == nil else {
            queued = (id, batch)
            return nil
        }
        pending = (.write(id), now)
        return .write(id, batch)
    }

    /// Asks for a mark where it is due.
    mutating func requestMark(
        commit: LogIndex, durable: LogIndex, at now: Instant
    ) -> Node.DiskRequest? {
        guard isIdle, !isClosed else { return nil }
        let commit = min(commit, durable)
        if let marked, marked >= commit {
            markDue = .never
            return nil
        }
        if markDue == .never { markDue = now + NodeLimits.markDelay }
        guard now >= markDue else { return nil }
        markDue = .never
        marked = commit
        pending = (.mark(commit), now)
        return .mark(commit: commit)
    }

    /// Asks for segments to be removed, of an idle disk.
    mutating func requestDrop(through index: LogIndex, at now: Instant) -> Node.DiskRequest {
        precondition(isIdle && !isClosed, "segments of a busy log")
        pending = (.drop(index), now)
        return .drop(through: index)
    }

    /// There is no space for a snapshot: the disk counts as full, and what is kept for that time is used.
    mutating func giveReserveBack() {
        if !isFull { mustGiveBack = true }
    }

    /// Asks for that, of an idle disk.
    mutating func requestGivingBack(at now: Instant) -> Node.DiskRequest? {
        guard mustGiveBack, isIdle, !isClosed else { return nil }
        mustGiveBack = false
        if isFull { return nil }
        pending = (.giveBack, now)
        return .giveBack
    }

    /// Tries a disk that is full again, where that is due: with the write that was refused, or by itself.
    mutating func requestRetry(at now: Instant) -> Node.DiskRequest? {
        guard isIdle, !isClosed, now >= retryDue else { return nil }
        retryDue = .never
        if let (id, batch) = queued.take() {
            isRefused = false
            pending = (.write(id), now)
            return .write(id, batch)
        }
        pending = (.reclaim, now)
        return .reclaim
    }

    /// Asks for the log's end.
    mutating func requestClose(commit: LogIndex, at now: Instant) -> Node.DiskRequest? {
        guard isIdle, !isClosed else { return nil }
        markDue = .never
        pending = (.close, now)
        return .close(commit: commit)
    }

    /// Takes a completion in, with whether the log calls its disk full. Returns the write that is done and
    /// how long it took, where it was one, and the request that has waited for this one.
    mutating func complete(
        _ completion: consuming Node.DiskCompletion, isFull: Bool = false, at now: Instant
    ) -> (done: (id: WriteID, span: Timespan)?, next: Node.DiskRequest?) {
        guard let (request, since) = pending else {
            preconditionFailure("a completion of nothing")
        }
        pending = nil
        precondition(completion.answers(request), "a completion of another request than \(request)")
        self.isFull = isFull
        retryDue = isFull ? now + NodeLimits.diskRetry : .never
        var done: (WriteID, Timespan)?
        switch consume completion {
        case .written(let id, let batch):
            spare = batch
            done = (id, now.since(since))
        case .refused(let id, let batch):
            queued = (id, batch)
            isRefused = true
            retryDue = now + NodeLimits.diskRetry
        case .dropped: if isFull { retryDue = now }
        case .marked, .reclaimed, .gaveBack: break
        case .closed: isClosed = true
        }
        guard !isRefused, let (id, batch) = queued.take() else { return (done, nil) }
        pending = (.write(id), now)
        return (done, .write(id, batch))
    }
}

extension Node.DiskCompletion {
    /// Whether it is that of the request.
    fileprivate func answers(_ request: DiskProgress.Pending) -> Bool {
        switch self {
        case .written(let id, _), .refused(let id, _): request == .write(id)
        case .marked(let commit): request == .mark(commit)
        case .dropped(let index, _): request == .drop(index)
        case .reclaimed: request == .reclaim
        case .gaveBack: request == .giveBack
        case .closed: request == .close
        }
    }
}
