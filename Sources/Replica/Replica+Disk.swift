import Primitives
import Raft

/// A write that the host is carrying out.
struct OutstandingDiskWrite {
    var id: DiskWriteID
    var founding: FoundingState?
    var log: WriteID?
}

/// What goes to the disk, one write at a time.
extension Replica {
    /// Asks for a write where the founding moved or the core wants one.
    mutating func requestWrite(into effects: inout Effects) {
        guard outstanding == nil, wantedFounding != nil || effects.raft.write != nil else {
            precondition(effects.raft.write == nil, "the core asks for a second write at once")
            return
        }
        lastDiskWrite += 1
        let write = Effects.DiskWrite(
            id: DiskWriteID(lastDiskWrite), founding: wantedFounding, log: effects.raft.write)
        effects.write = write
        outstanding = OutstandingDiskWrite(
            id: write.id, founding: wantedFounding, log: write.log?.id)
        wantedFounding = nil
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
        if let founding = done.founding { enter(founding, at: now, into: &effects) }
        if let log = done.log { stepRaft(.persisted(through: log), at: now, into: &effects) }
    }
}
