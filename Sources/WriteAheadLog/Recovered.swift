import Founding
import Primitives
import Raft

/// What a log held when it was opened.
@frozen
public struct Recovered: ~Copyable {
    /// The newest term and vote.
    public var hardState: HardState
    /// The entries behind the snapshot, or all of them; the log's base is the snapshot's last entry.
    public var log: EntryLog
    /// The newest snapshot; nil where the log is whole.
    public var snapshot: SnapshotFile?
    /// How far the disk has come on the way to a founded cluster.
    public var founding: FoundingState
    /// The commit index of the newest mark, or of the snapshot where that is newer; zero where there is
    /// neither.
    public var commit: LogIndex
    /// How often the node was started before; the caller writes down that it starts once more.
    public var starts: StartHistory
    /// The newest start seen of each other node's disk, sorted.
    public var peerStarts: [PeerStart]
    /// Whether the directory was made just now.
    public var isFresh: Bool
    /// What was cut off the log's end, if anything was.
    public var tornTail: TornTail?
    /// Damaged snapshots that were set aside, by the names that their files have now.
    public var setAside: [String] = []

    init(
        hardState: HardState, log: consuming EntryLog, snapshot: SnapshotFile?,
        founding: FoundingState, commit: LogIndex, starts: StartHistory, peerStarts: [PeerStart],
        isFresh: Bool, tornTail: TornTail?
    ) {
        self.hardState = hardState
        self.log = log
        self.snapshot = snapshot
        self.founding = founding
        self.commit = commit
        self.starts = starts
        self.peerStarts = peerStarts
        self.isFresh = isFresh
        self.tornTail = tornTail
    }
}

/// The end of a batch that was never synced, and was cut off when the log was opened.
public struct TornTail: Hashable, Sendable {
    /// The segment's file.
    public var file: String
    /// Where in it the cut is, in bytes.
    public var offset: Int
    /// How many bytes were cut off.
    public var count: Int
    /// The file that keeps them.
    public var keptIn: String
}

extension TornTail: CustomStringConvertible {
    /// One line for the log.
    public var description: String {
        "cut \(count) unsynced bytes off \(file) at offset \(offset), kept in \(keptIn)"
    }
}

/// A log that was opened, and what it held.
@frozen
public struct OpenedLog<Storage: Disk & ~Copyable>: ~Copyable {
    /// The log, ready for the next batch.
    public var log: WriteAheadLog<Storage>
    /// What it held.
    public var recovered: Recovered

    init(log: consuming WriteAheadLog<Storage>, recovered: consuming Recovered) {
        self.log = log
        self.recovered = recovered
    }
}
