import Primitives
import Raft
import Replica

/// Snapshots are taken and saved by the host, beside its loop; the log is cut once they are on disk.
extension Node {
    /// What came of a snapshot.
    enum SnapshotEvent {
        case saved(Snapshot)
        case installed(Snapshot)
        case rejected(EntryID)
        case outOfSpace
    }

    /// Steps what the host has done about a snapshot.
    mutating func takeSnapshotEvents(at now: Instant, into effects: inout Effects) {
        guard let event = inbox.snapshot.take() else { return }
        let next: Snapshot?
        switch event {
        case .saved(let snapshot):
            next = snapshots.finish(at: now, saved: snapshot)
            replica.step(.snapshotSaved(snapshot), at: now, into: &effects.replica)
        case .installed(let snapshot):
            next = snapshots.finish(at: now, saved: snapshot)
            replica.step(.snapshotInstalled(snapshot), at: now, into: &effects.replica)
        case .rejected(let last):
            next = snapshots.finish(at: now, saved: nil)
            replica.step(.snapshotRejected(last), at: now, into: &effects.replica)
        case .outOfSpace: next = snapshots.finish(at: now, saved: nil)
        }
        if let next { effects.install = next }
    }

    /// Asks for a snapshot where the log has grown enough, and hands on one that the leader has sent.
    mutating func requestSnapshot(at now: Instant, into effects: inout Effects) {
        if let arrived = effects.replica.install.take() {
            effects.install = snapshots.install(arrived)
        }
        // On a full disk every snapshot may let segments go.
        let (entries, bytes) = disk.isFull ? (1, 0) : (snapshots.entries, snapshots.bytes)
        guard stop == nil, effects.install == nil, snapshots.isReady(at: now),
            replica.wantsSnapshot(entries: entries, bytes: bytes)
        else { return }
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
