import Primitives
import Raft

/// Snapshots, which stand for the log's beginning. The host takes them, since only it knows the engine;
/// Raft sends them to followers that lack what the log does not hold any more.
extension Replica {
    /// The newest snapshot that followers get.
    public var snapshot: Snapshot? { raft.snapshot }

    /// Whether the log has grown enough for another snapshot: the cluster can do it, and that many
    /// entries are committed behind the newest one, which take about that many bytes in memory.
    public func wantsSnapshot(entries: UInt64, bytes: Int) -> Bool {
        let (newest, commit) = (newestSnapshot, raft.commit)
        return featureLevel >= .snapshots && commit > newest.index
            && commit.number - newest.index.number >= entries
            && raft.log.batchBytes(of: max(newest.index.next, raft.log.firstIndex)..<commit.next)
                >= bytes
    }

    /// A snapshot of this node's own is on disk.
    mutating func snapshotSaved(
        _ snapshot: Snapshot, at now: Instant, into effects: inout Effects
    ) {
        noteNewest(snapshot.last)
        stepRaft(.snapshotSaved(snapshot), at: now, into: &effects)
    }

    /// A snapshot that the leader has sent is on disk. Where this node has come as far meanwhile, nothing
    /// changes; else the host's engine jumps to it, and what the writes that it passes over came to is
    /// never known here.
    mutating func snapshotInstalled(
        _ snapshot: Snapshot, at now: Instant, into effects: inout Effects
    ) {
        let isJump = isAhead(snapshot.last)
        if isJump {
            effects.installed = snapshot.last
            forgetFates(through: snapshot.last.index, in: &effects)
        }
        stepRaft(.snapshotInstalled(snapshot), at: now, into: &effects)
        precondition(!isJump || raft.log.base == snapshot.last, "\(raft.log.base) is the base")
        if snapshot.last.index <= raft.commit { noteNewest(snapshot.last) }
    }

    /// Whether a snapshot of the leader's that is on disk takes this node further.
    private func isAhead(_ last: EntryID) -> Bool {
        // A leader's log holds all that is committed, so what it does not hold was no leader's.
        last.index > raft.commit && (raft.role != .leader || raft.log.contains(last))
    }

    /// A snapshot that the leader has sent is none, or none of this cluster.
    mutating func snapshotRejected(
        _ last: EntryID, at now: Instant, into effects: inout Effects
    ) {
        stepRaft(.snapshotRejected(last), at: now, into: &effects)
    }

    /// Hands on what the core has for the host to install.
    mutating func requestInstall(into effects: inout Effects) {
        guard let snapshot = effects.raft.install.take() else { return }
        effects.install = snapshot
    }

    /// Whether the other side knows messages of that kind.
    func isUnderstood(_ message: Message, on id: LinkID) -> Bool {
        guard message.needsLevels else { return true }
        return position(of: id).map { links[$0].levels != nil } ?? false
    }

    private mutating func noteNewest(_ last: EntryID) {
        if last.index > newestSnapshot.index { newestSnapshot = last }
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
