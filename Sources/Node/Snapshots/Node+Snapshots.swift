import Primitives
import Raft
import Replica

/// Snapshots are taken and saved by the host, beside its loop; the log is cut once they are on disk.
///
/// The host copies its engine, and saves the copy only once a majority of the voters is known to have the
/// same state. So whatever a directory holds, and whatever a follower is sent, has had a majority, and a
/// node whose state is found wrong begins anew from one that is right.
extension Node {
    /// What came of a snapshot.
    enum SnapshotEvent {
        case saved(Snapshot)
        case installed(Snapshot)
        case rejected(EntryID)
        /// Of this node's own, or of the leader's of that name.
        case outOfSpace(installing: EntryID?)
    }

    /// Steps what the host has done about a snapshot.
    mutating func takeSnapshotEvents(at now: Instant, into effects: inout Effects) {
        if let last = snapshots.takeRejected(at: now) {
            replica.step(.snapshotRejected(last), at: now, into: &effects.replica)
        }
        // Once the log is being closed its beginning stays where it is: recovery finds the file.
        guard let event = inbox.snapshot.take(), stop?.phase != .closing else { return }
        let next: Snapshot?
        switch event {
        case .saved(let snapshot):
            next = snapshots.finish(at: now, saved: snapshot, onFullDisk: disk.isFull)
            replica.step(.snapshotSaved(snapshot), at: now, into: &effects.replica)
        case .installed(let snapshot):
            next = snapshots.finish(at: now, saved: snapshot, onFullDisk: disk.isFull)
            replica.step(.snapshotInstalled(snapshot), at: now, into: &effects.replica)
        case .rejected(let last):
            next = finishUnsaved(at: now)
            snapshots.rejected = last
        case .outOfSpace(let installing):
            next = finishUnsaved(at: now)
            snapshots.rejected = installing
            // The reserve may hold it, and no more of the log must come into the way.
            disk.giveReserveBack()
        }
        if let next { effects.install = next }
    }

    private mutating func finishUnsaved(at now: Instant) -> Snapshot? {
        snapshots.finish(at: now, saved: nil, onFullDisk: disk.isFull)
    }

    /// Steps what the host's engine has noted.
    mutating func takeStateHashes(at now: Instant, into effects: inout Effects) {
        guard !inbox.stateHashes.isEmpty else { return }
        for hash in inbox.stateHashes {
            replica.step(.stateHash(hash), at: now, into: &effects.replica)
        }
        inbox.stateHashes.removeAll(keepingCapacity: true)
    }

    /// Asks for a copy of the engine where the log has grown enough, for a snapshot once that copy is
    /// verified, and hands on a snapshot that the leader has sent.
    mutating func requestSnapshot(at now: Instant, into effects: inout Effects) {
        if let arrived = effects.replica.install.take() {
            effects.install = snapshots.install(arrived)
        }
        // On a full disk every snapshot may let segments go.
        let (entries, bytes) = disk.isFull ? (1, 0) : (snapshots.entries, snapshots.bytes)
        guard stop == nil, effects.install == nil, snapshots.isReady(at: now) else { return }
        if snapshots.copied == nil, replica.wantsSnapshot(entries: entries, bytes: bytes) {
            snapshots.copied = replica.commit
            effects.copiesEngine = true
        }
        guard let copied = snapshots.copied, copied <= replica.verifiedThrough else { return }
        snapshots.begin()
        effects.wantsSnapshot = true
    }

    /// Lets go of the segments that no kept snapshot needs, between two writes: the next one waits for it,
    /// or under load there would never be a time.
    mutating func requestDrop(at now: Instant, into effects: inout Effects) {
        guard effects.disk == nil, snapshots.droppable != nil, disk.isIdle, !disk.isClosed,
            let index = snapshots.takeDroppable()
        else { return }
        effects.disk = disk.requestDrop(through: index, at: now)
    }
}
