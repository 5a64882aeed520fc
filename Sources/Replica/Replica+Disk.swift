import Founding
import Primitives
import Raft

/// A write that the host is carrying out.
struct OutstandingDiskWrite {
    var id: WriteID
    var founding: FoundingState?
    var peerStarts: [PeerStart]
}

/// What goes to the disk, one write at a time. The core numbers the writes; the founding state and the
/// starts of peers go along with them.
extension Replica {
    /// Whether something beside the core's own has to be written.
    var hasOwnToWrite: Bool { wantedFounding != nil || !wantedPeerStarts.isEmpty }

    /// Hands on the write that the core asks for at the end of a turn, if it does.
    mutating func requestWrite(into effects: inout Effects) {
        guard let write = effects.raft.write else { return }
        effects.write = Effects.DiskWrite(
            id: write.id, founding: wantedFounding, peerStarts: wantedPeerStarts,
            log: write.isEmpty ? nil : write)
        outstanding = OutstandingDiskWrite(
            id: write.id, founding: wantedFounding, peerStarts: wantedPeerStarts)
        wantedFounding = nil
        wantedPeerStarts.removeAll()
        effects.raft.write = nil
    }

    /// The write is on disk.
    mutating func persisted(_ write: WriteID, at now: Instant, into effects: inout Effects) {
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
        stepRaft(.persisted(through: write), at: now, into: &effects)
    }
}
