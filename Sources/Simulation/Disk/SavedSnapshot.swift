import Calculator
import Raft
import Replica
import WriteAheadLog

/// A snapshot that a process is putting on its disk, beside its log.
struct SavedSnapshot {
    /// How far it is after a step.
    enum Progress {
        /// A change was made, and others follow.
        case goesOn(DiskError.Operation)
        case done
        case failed(DiskError)
    }

    let snapshot: Snapshot
    /// The leader's state, which is to take the place of the process's own; nil for an own snapshot.
    let installed: Engine<Calculator>?
    private var disk: SteppedDisk
    /// Whether the directory holds it for certain.
    private(set) var isDurable = false

    init(_ snapshot: Snapshot, installing engine: Engine<Calculator>?, on disk: DiskState) {
        self.snapshot = snapshot
        installed = engine
        self.disk = SteppedDisk(SimulatedDisk(state: disk))
    }

    /// Makes the next change to the disk.
    mutating func step() -> Progress {
        disk.beginRun()
        do throws(DiskError) {
            _ = try SnapshotDirectory.save(snapshot.bytes, last: snapshot.last, on: &disk)
        } catch {
            if let failure = disk.failure { return .failed(failure) }
            guard let made = disk.made else { preconditionFailure("saving stopped: \(error)") }
            if made == .syncDirectory { isDurable = true }
            return .goesOn(made)
        }
        isDurable = true
        return .done
    }
}
