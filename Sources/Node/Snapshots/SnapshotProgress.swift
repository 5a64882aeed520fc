import Primitives
import Raft

/// Which snapshots the directory holds, and what the host is doing about the next one: it takes one, or
/// saves one that has come from the leader. One at a time.
struct SnapshotProgress {
    /// How many entries lie between two snapshots, at least.
    let entries: UInt64
    /// The newest snapshot in the directory, and how many bytes it has; zero where there is none.
    private var newest = EntryID.zero
    /// How many bytes of entries make another one worth its while: as many as the newest one has.
    private(set) var bytes = 0
    /// The snapshot before it, which is kept in case that the newest one is damaged.
    private var previous = EntryID.zero
    /// The last entry of the copy that the host keeps and that is not verified yet.
    var copied: LogIndex?
    /// Whether the host is at work.
    private(set) var isBusy = false
    /// A snapshot from the leader that waits for the host.
    private var waiting: Snapshot?
    /// When one that could not be saved is tried again.
    private var retryAt = Instant.origin
    /// A snapshot of the leader's that could not be saved, until it is asked for again: its bytes would
    /// else come over and over.
    var rejected: EntryID?
    /// Up to where the segments of the log can go.
    private(set) var droppable: LogIndex?

    init(entries: UInt64, recovered: Snapshot?) {
        self.entries = entries
        guard let recovered else { return }
        newest = recovered.last
        bytes = recovered.bytes.count
    }

    /// Whether the host can take one.
    func isReady(at now: Instant) -> Bool { !isBusy && now >= retryAt }

    /// When the leader is asked for its snapshot again.
    var deadline: Instant { rejected == nil ? .never : retryAt }

    /// The snapshot that is to be asked for again now.
    mutating func takeRejected(at now: Instant) -> EntryID? {
        now >= retryAt ? rejected.take() : nil
    }

    /// The host begins to save its copy.
    mutating func begin() {
        precondition(!isBusy, "two snapshots at once")
        isBusy = true
        copied = nil
    }

    /// One has come from the leader, which leaves the host's copy behind. It is returned if the host can
    /// save it now.
    mutating func install(_ snapshot: Snapshot) -> Snapshot? {
        copied = nil
        guard !isBusy else {
            waiting = snapshot
            return nil
        }
        isBusy = true
        return snapshot
    }

    /// The host is done. On a full disk the log goes that the newest snapshot alone stands for, which costs
    /// the way back to the one before. Returns the snapshot that has waited for the host.
    mutating func finish(
        at now: Instant, saved: Snapshot?, onFullDisk isFull: Bool
    ) -> Snapshot? {
        precondition(isBusy, "a snapshot that nobody has asked for")
        isBusy = false
        if let saved {
            if saved.last.index > newest.index {
                previous = newest
                newest = saved.last
                bytes = saved.bytes.count
                if isFull {
                    droppable = newest.index
                } else if previous != .zero {
                    droppable = previous.index
                }
            }
        } else {
            retryAt = now + NodeLimits.snapshotRetry
        }
        guard let next = waiting.take() else { return nil }
        isBusy = true
        return next
    }

    /// Some segments are left.
    mutating func dropMore(through index: LogIndex) { droppable = max(droppable ?? index, index) }

    /// The segments are asked to go.
    mutating func takeDroppable() -> LogIndex? { droppable.take() }
}
