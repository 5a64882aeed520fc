import Calculator
import Founding
import Posix
import Primitives
import Raft
import Replica
import WriteAheadLog

/// What every node of a new cluster begins with that is restored from a backup.
public struct RestoredState: Sendable {
    /// How far the index moves on, so that no entry of the cluster that was saved has an index beyond it:
    /// no old entity tag, key or event id means anything in the new one.
    public static let step: UInt64 = 1 << 32
    /// No index or term that is restored reaches this: there is room for as many entries as any cluster
    /// will ever write.
    private static let limit: UInt64 = 1 << 61

    /// The index of the last entry that the state counts as.
    public let index: UInt64
    /// The term of that entry.
    public let term: UInt64
    /// What tells the backup from others; all nodes of a cluster have the same.
    public let digest: UInt64
    private let file: SnapshotFile

    /// The state of that backup, as nodes of the cluster begin with it. Nil where the cluster's name is
    /// none, or index or term can't move on any further.
    public init?(_ backup: BackupFile, cluster: [UInt8]) {
        // A backup's numbers lie below 2^62.
        index = backup.index + RestoredState.step
        term = backup.term + 1
        digest = max(FoundingRecord.digest(of: backup.bytes), 1)
        // The new disks are not known yet, nor need they be: the origin says whose state this is.
        guard max(index, term) < RestoredState.limit,
            let record = FoundingRecord(
                cluster: cluster, members: backup.file.record.members, origin: digest)
        else { return nil }
        let last = EntryID(index: LogIndex(index), term: Term(term))
        let engine = Engine(
            restoring: Calculator(value: backup.value, lastChange: index),
            level: backup.engine.level, hash: backup.engine.hash, at: last)
        file = SnapshotFile(
            record: record, last: last, level: engine.level, state: engine.encodeState())
    }

    /// Whether a node's directory can be made at that path: nothing is there, or an empty directory.
    public static func isFree(_ path: String) throws(RestoreFault) -> Bool {
        do throws(FileError) {
            guard try FileSystem.exists(path) else { return true }
            return FileSystem.isDirectory(path) ? try FileSystem.names(in: path).isEmpty : false
        } catch {
            throw .file(error)
        }
    }

    /// Makes the directory of a node, with a new disk and this state. It has its name only once all of it
    /// is on the disk.
    ///
    /// - Returns: The disk's number.
    public func prepare(_ path: String, node: NodeID) throws(RestoreFault) -> DiskID {
        guard try RestoredState.isFree(path) else { throw .occupied(path) }
        // No node's id has such a sign, so it is no other node's directory.
        let aside = path + "~restoring"
        let lock = try RestoredState.begin(aside)
        let disk = try write(to: aside, node)
        do throws(FileError) {
            try FileSystem.rename(aside, to: path)
            try FileSystem.syncDirectory(FileSystem.parent(of: path))
        } catch {
            throw .file(error)
        }
        withExtendedLifetime(lock) {}
        return disk
    }

    /// Makes the directory in which a node's is prepared, empty but for its lock.
    private static func begin(_ aside: String) throws(RestoreFault) -> DirectoryLock {
        do throws(FileError) {
            try FileSystem.createDirectory(aside)
        } catch {
            throw .file(error)
        }
        let lock: DirectoryLock
        do throws(DirectoryLock.Failure) {
            lock = try DirectoryLock(directory: aside)
        } catch {
            switch error {
            case .held: throw .inUse(aside)
            case .file(let error): throw .file(error)
            }
        }
        do throws(FileError) {
            // What an interrupted restore has left behind.
            for name in try FileSystem.names(in: aside) where name != DirectoryLock.fileName {
                try FileSystem.remove("\(aside)/\(name)")
            }
        } catch {
            throw .file(error)
        }
        return lock
    }

    private func write(to directory: String, _ node: NodeID) throws(RestoreFault) -> DiskID {
        let number: DiskID
        do throws(LogFault) {
            number = try WriteAheadLog.open(
                FileDisk(directory: directory), cluster: file.cluster, node: node,
                newDisk: DiskID(Entropy.uint64())
            ).log.identity.disk
        } catch {
            throw .log(error, directory: directory)
        }
        do throws(DiskError) {
            var disk = FileDisk(directory: directory)
            try SnapshotDirectory.save(file.encoded, last: file.last, on: &disk)
        } catch {
            throw .log(.disk(error), directory: directory)
        }
        return number
    }
}
