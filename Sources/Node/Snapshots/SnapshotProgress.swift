import Primitives
import Raft

/// Which snapshots the directory holds, and what the host is doing about the next one: it takes one, or
/// saves one that has come from the leader. One at a time.
struct SnapshotProgress {
    /// How many entries lie between two snapshots, at least.
    let entries: Int
    /// The newest snapshot in the directory, and how many bytes it has; zero where there is none.
    private(set) var newest = EntryID.zero
    private var newestBytes = 0
    /// The snapshot before it, which is kept in case that the newest one is damaged.
    private var previous = EntryID.zero
    /// Whether the host is at work.
    private(set) var isBusy = false
    /// A snapshot from the leader that waits for the host.
    private var waiting: Snapshot?
    /// When one that could not be saved for want of space is tried again.
    private var retryAt = Instant.origin
    /// Up to where the segments of the log can go.
    private(set) var droppable: LogIndex?

    init(entries: Int, recovered: Snapshot?) {
        self.entries = entries
        guard let recovered else { return }
        newest = recovered.last
        newestBytes = recovered.bytes.count
    }

    /// Whether the log since the newest snapshot is large enough for another one.
    func isDue(commit: LogIndex, logBytes: Int, at now: Instant) -> Bool {
        !isBusy && waiting == nil && now >= retryAt && commit.number >= newest.index.number
            && newest.index.distance(to: commit) >= entries && logBytes >= newestBytes
    }

    /// The host begins to take one.
    mutating func begin() {
        precondition(!isBusy, "two snapshots at once")
        isBusy = true
    }

    /// One has come from the leader. It is returned if the host can save it now.
    mutating func install(_ snapshot: Snapshot) -> Snapshot? {
        guard !isBusy else {
            waiting = snapshot
            return nil
        }
        isBusy = true
        return snapshot
    }

    /// The host is done. Returns the snapshot that has waited for it.
    mutating func finish(at now: Instant, saved: Snapshot?) -> Snapshot? {
        precondition(isBusy, "a snapshot that nobody has asked for")
        isBusy = false
        if let saved {
            if saved.last.index > newest.index {
                previous = newest
                newest = saved.last
                newestBytes = saved.bytes.count
                if previous != .zero { droppable = previous.index }
            }
        } else {
            retryAt = now + NodeLimits.snapshotRetry
        }
        guard let next = waiting.take() else { return nil }
        isBusy = true
        return next
    }

    /// The segments are asked to go.
    mutating func takeDroppable() -> LogIndex? { droppable.take() }
}
