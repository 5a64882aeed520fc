import Primitives
import Raft

/// How far this node has come with snapshots of its own and with those that a leader sends.
struct SnapshotProgress {
    /// The last entry of the newest one on this disk.
    var newest = EntryID.zero
    /// Whether the host is taking one.
    var isBeingTaken = false
    /// Whether the host is putting one that the leader has sent on disk.
    var isBeingInstalled = false
}

/// Snapshots, which stand for the log's beginning. The host takes them, since only it knows the engine;
/// Raft sends them to followers that lack what the log does not hold any more.
extension Replica {
    /// Whether a snapshot is to be taken: the cluster can do it, that many entries are committed behind
    /// the newest one, and none is on its way to the disk. Where it is, `beginSnapshot` says that the
    /// host does it.
    public func wantsSnapshot(entries limit: UInt64) -> Bool {
        featureLevel >= .snapshots && !snapshots.isBeingTaken && !snapshots.isBeingInstalled
            && raft.commit > snapshots.newest.index
            && raft.commit.number - snapshots.newest.index.number >= limit
    }

    /// The host takes a snapshot; `Event.snapshotSaved` follows.
    public mutating func beginSnapshot() {
        precondition(!snapshots.isBeingTaken, "two snapshots at once")
        snapshots.isBeingTaken = true
    }

    /// A snapshot of this node's own is on disk.
    mutating func snapshotSaved(
        _ snapshot: Snapshot, at now: Instant, into effects: inout Effects
    ) {
        snapshots.isBeingTaken = false
        noteNewest(snapshot.last)
        stepRaft(.snapshotSaved(snapshot), at: now, into: &effects)
    }

    /// A snapshot that the leader has sent is on disk. Where this node has come as far meanwhile, nothing
    /// changes; else the host's engine jumps to it, and what the writes that it passes over came to is
    /// never known here.
    mutating func snapshotInstalled(
        _ snapshot: Snapshot, at now: Instant, into effects: inout Effects
    ) {
        snapshots.isBeingInstalled = false
        noteNewest(snapshot.last)
        if snapshot.last.index > raft.commit {
            effects.installed = snapshot.last
            forgetFates(through: snapshot.last.index, in: &effects)
        }
        stepRaft(.snapshotInstalled(snapshot), at: now, into: &effects)
    }

    /// A snapshot that the leader has sent is none, or none of this cluster.
    mutating func snapshotRejected(
        _ last: EntryID, at now: Instant, into effects: inout Effects
    ) {
        snapshots.isBeingInstalled = false
        stepRaft(.snapshotRejected(last), at: now, into: &effects)
    }

    /// Hands on what the core has for the host to install.
    mutating func requestInstall(into effects: inout Effects) {
        guard let snapshot = effects.raft.install.take() else { return }
        snapshots.isBeingInstalled = true
        effects.install = snapshot
    }

    /// Whether the other side knows messages of that kind.
    func isUnderstood(_ message: Message, on id: LinkID) -> Bool {
        guard message.needsLevels else { return true }
        return position(of: id).map { links[$0].levels != nil } ?? false
    }

    private mutating func noteNewest(_ last: EntryID) {
        if last.index > snapshots.newest.index { snapshots.newest = last }
    }

    /// Answers the writes that an installed snapshot passes over, those of this turn included that were
    /// just found committed: no engine applies them here.
    private mutating func forgetFates(through index: LogIndex, in effects: inout Effects) {
        for position in effects.answers.indices {
            if case .committed(let entry) = effects.answers[position].answer, entry.index <= index {
                effects.answers[position].answer = .unknownOutcome
            }
        }
        while let write = waitingWrites.first, write.entry.index <= index {
            waitingWrites.popFirst()
            effects.answers.append((write.request, .unknownOutcome))
        }
    }
}

extension FeatureLevel {
    /// From this level on snapshots are taken and sent.
    static let snapshots = FeatureLevel(2)
}

extension Message {
    /// Whether only a program that has named its feature levels understands the message.
    var needsLevels: Bool {
        switch self {
        case .installSnapshot, .snapshotReply: true
        default: false
        }
    }
}
