import Raft
import WriteAheadLog

extension Node {
    /// What the host is to do with the log, beside its loop. One request is under way at a time.
    public enum DiskRequest: Sendable {
        /// Write the batch and sync it: `flush` and `sync` of the log. An error other than `noSpace` ends
        /// the node.
        case write(WriteID, LogBatch)
        /// Note, without a sync, how far the log is durable and committed: `writeMark`.
        case mark(commit: LogIndex)
        /// Remove the segments whose entries all lie at or below that index, some at a time: `dropSegments`.
        case drop(through: LogIndex)
        /// Look whether a disk that is full has room again: `reclaim`.
        case reclaim
        /// Use what is kept for a full disk, since there is no space for a snapshot: `giveReserveBack`.
        case giveBack
        /// Note how far the log is durable and committed, synced: `close`. Nothing comes after it.
        case close(commit: LogIndex)
    }

    /// What came of a request, each by its own name: none is taken for another.
    public enum DiskCompletion: Sendable {
        /// The write of that number is synced. The batch, empty again, lends its room to the next one.
        case written(WriteID, LogBatch)
        /// There is no space for the write of that number, and nothing of it was written. It is asked for
        /// again.
        case refused(WriteID, LogBatch)
        /// The mark is written.
        case marked(commit: LogIndex)
        /// Segments are gone; `isDone` where all that could go.
        case dropped(through: LogIndex, isDone: Bool)
        /// The disk was looked at.
        case reclaimed
        /// The reserve is gone.
        case gaveBack
        /// The log is closed.
        case closed
    }
}
