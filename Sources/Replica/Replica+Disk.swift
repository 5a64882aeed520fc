import Primitives
import Raft

/// A write that the host is carrying out.
struct OutstandingDiskWrite {
    var id: DiskWriteID
    var founding: FoundingState?
    var peerStarts: [PeerStart]
    var log: WriteID?
}

/// What goes to the disk, one write at a time.
extension Replica {
    /// Asks for a write where the founding moved, a peer has started or the core wants one.
    mutating func requestWrite(into effects: inout Effects) {
        let isWanted =
            wantedFounding != nil || !wantedPeerStarts.isEmpty || effects.raft.write != nil
        guard outstanding == nil, isWanted else {
            precondition(effects.raft.write == nil, "the core asks for a second write at once")
            return
        }
        lastDiskWrite += 1
        let write = Effects.DiskWrite(
            id: DiskWriteID(lastDiskWrite), founding: wantedFounding,
            peerStarts: wantedPeerStarts, log: effects.raft.write)
        effects.write = write
        outstanding = OutstandingDiskWrite(
            id: write.id, founding: wantedFounding, peerStarts: wantedPeerStarts,
            log: write.log?.id)
        wantedFounding = nil
        wantedPeerStarts.removeAll()
        effects.raft.write = nil
    }

    /// The write is on disk.
    mutating func persisted(
        _ write: DiskWriteID, at now: Instant, into effects: inout Effects
    ) {
        guard let done = outstanding, done.id == write else {
            preconditionFailure("\(write) is on disk, but \(String(describing: outstanding)) was")
        }
        outstanding = nil
        remember(done.peerStarts)
        if let founding = done.founding {
            enter(founding, at: now, into: &effects)
        } else {
            connectRaft(with: done.peerStarts, at: now, into: &effects)
        }
        if let log = done.log { stepRaft(.persisted(through: log), at: now, into: &effects) }
    }
}
