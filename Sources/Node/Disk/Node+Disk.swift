import Founding
import Primitives
import Raft
import Replica
import WriteAheadLog

/// The log's requests: at most one is under way, and messages and clients come in meanwhile.
extension Node {
    /// Hands the log's entries to `body`, which must not keep them.
    public func withLog<Result>(_ body: (borrowing EntryLog) -> Result) -> Result {
        replica.withLog(body)
    }

    /// The disk has done what it was asked for.
    mutating func takeCompletion(at now: Instant, into effects: inout Effects) {
        guard let (completion, isFull) = inbox.completion.take() else { return }
        if case .dropped(let index, false) = completion { snapshots.dropMore(through: index) }
        let (done, next) = disk.complete(completion, isFull: isFull, at: now)
        if let next { effects.disk = next }
        replica.step(.diskFull(isFull), at: now, into: &effects.replica)
        guard let done else { return }
        if done.span > disk.slow {
            effects.notices.append(.slowWrite(done.span, limit: disk.slow))
        }
        replica.step(.persisted(done.id), at: now, into: &effects.replica)
    }

    /// Stages what the replica wants on disk: copied now, since the log may be cut while it is written.
    mutating func requestWrite(at now: Instant, into effects: inout Effects) {
        guard let write = effects.replica.write.take() else { return }
        // Once the log is being closed nothing more is written: nothing of it was promised to anybody.
        if stop?.phase == .closing { return }
        var batch = disk.takeBatch()
        if let founding = write.founding { batch.append(founding: founding) }
        for seen in write.peerStarts { batch.append(peerStart: seen) }
        if let entries = write.log { replica.withLog { batch.append(entries, from: $0) } }
        if let request = disk.request(write.id, batch, at: now) { effects.disk = request }
    }

    /// A disk that has no space for a snapshot counts as full; one that is full is tried again now and then.
    mutating func requestRetry(at now: Instant, into effects: inout Effects) {
        if let request = disk.requestGivingBack(at: now) { effects.disk = request }
        if let request = disk.requestRetry(at: now) { effects.disk = request }
    }

    /// Once the node has been idle for a moment the log notes how far it is durable and committed.
    mutating func requestMark(at now: Instant, into effects: inout Effects) {
        let request = disk.requestMark(
            commit: replica.commit, durable: replica.durableThrough, at: now)
        if let request { effects.disk = request }
    }

    /// How far the log is committed and the disk holds the very entries that are: beyond, it may hold
    /// others, which were cut off while they were written.
    var durableCommit: LogIndex { min(replica.commit, replica.durableThrough) }
}
