import Calculator
import Raft
import Replica
import WriteAheadLog

/// What can be saved of a cluster from one node's directory.
public struct OfflineBackup: Sendable {
    /// The state after the last entry that the directory knows committed.
    public let backup: BackupFile
    /// How many entries follow: each may have been committed without this node's knowledge, or never.
    public let entriesOfUnknownFate: UInt64
}

extension OfflineLog {
    /// The state after the last entry that the directory knows committed.
    public func backup() throws(OfflineFault) -> OfflineBackup {
        let faults = walk().faults
        guard faults.isEmpty else { throw .damaged(faults, directory: path) }
        guard let record = inspection.founding.record, let engine = committedEngine,
            engine.applied.index == commit
        else { throw .nothingCommitted(path) }
        let file = SnapshotFile(
            record: record, last: engine.applied, level: engine.level, state: engine.encodeState())
        let backup: BackupFile
        do throws(BackupFault) {
            backup = try BackupFile(file.encoded)
        } catch {
            preconditionFailure("a backup that was just made can't be read: \(error)")
        }
        let last = inspection.isReplaced ? commit : inspection.log.lastIndex
        return OfflineBackup(
            backup: backup, entriesOfUnknownFate: last.number - commit.number)
    }

    /// The state there, nil before the first committed entry.
    private var committedEngine: Engine<Calculator>? {
        guard commit > .zero else { return nil }
        if let newest = states.last, newest.applied.index == commit { return newest }
        var walk = EntryWalk(base: inspection.log.base, snapshots: states, commit: commit)
        for index in inspection.log.firstIndex...commit {
            _ = walk.step(to: index, of: inspection.log)
        }
        return walk.engine
    }
}
