import Calculator
import Founding
import Posix
import Primitives
import Raft
import Replica
import WriteAheadLog

/// What a node of a new cluster begins with that is restored from a backup.
public struct RestoredState: Sendable {
    /// How far the index moves on, so that no entry of the cluster that was saved has an index beyond it:
    /// no old entity tag, key or event id means anything in the new one.
    public static let step: UInt64 = 1 << 32

    /// The index of the last entry that the state counts as.
    public let index: UInt64
    /// The term of that entry.
    public let term: UInt64
    /// What tells the backup from others; all nodes of a cluster have the same.
    public let digest: UInt64
    private let file: SnapshotFile

    /// The state of that backup, as nodes of the cluster begin with it. Nil where the cluster's name is
    /// none, or the index has moved on too often.
    public init?(_ backup: BackupFile, cluster: [UInt8]) {
        index = backup.index + RestoredState.step
        term = backup.term + 1
        digest = max(FoundingRecord.digest(of: backup.bytes), 1)
        let last = EntryID(index: LogIndex(index), term: Term(term))
        let old = backup.file.record
        guard index < 1 << 61,
            let record = FoundingRecord(cluster: cluster, members: old.members, origin: digest)
        else { return nil }
        let engine = Engine(
            restoring: Calculator(value: backup.value, lastChange: index),
            level: backup.engine.level,
            hash: backup.engine.hash, at: last)
        file = SnapshotFile(
            record: record, last: last, level: engine.level, state: engine.encodeState())
    }

    /// Makes the directory of a node, with a new disk and this state. It has its name only once all of it
    /// is on the disk.
    ///
    /// - Returns: The disk's number.
    public func prepare(_ path: String, node: NodeID) throws(RestoreFault) -> String {
        guard RestoredState.isFree(path) else { throw .occupied(path) }
        let aside = path + ".restoring"
        do throws(FileError) {
            try FileSystem.createDirectory(aside)
            // What an interrupted restore has left behind.
            for name in try FileSystem.names(in: aside) {
                try FileSystem.remove("\(aside)/\(name)")
            }
        } catch {
            throw .file(error)
        }
        let disk = try write(to: aside, node)
        do throws(FileError) {
            try FileSystem.rename(aside, to: path)
            try FileSystem.syncDirectory(FileSystem.parent(of: path))
        } catch {
            throw .file(error)
        }
        return "\(disk)"
    }

    private func write(to directory: String, _ node: NodeID) throws(RestoreFault) -> DiskID {
        do throws(LogFault) {
            let opened = try WriteAheadLog.open(
                FileDisk(directory: directory), cluster: file.cluster, node: node,
                newDisk: DiskID(Entropy.uint64()))
            var log = opened.log
            try log.close(commit: .zero)
            do throws(DiskError) {
                var disk = FileDisk(directory: directory)
                try SnapshotDirectory.save(file.encoded, last: file.last, on: &disk)
            } catch {
                throw LogFault.disk(error)
            }
            return log.identity.disk
        } catch {
            throw .log(error, directory: directory)
        }
    }

    /// Whether nothing is at that path, or an empty directory.
    public static func isFree(_ path: String) -> Bool {
        if (try? FileSystem.names(in: path))?.isEmpty == true { return true }
        return (try? FileSystem.exists(path)) == false
    }
}

/// Why a directory can't be prepared.
public enum RestoreFault: Error {
    /// There is something already.
    case occupied(String)
    /// A file or directory can't be made.
    case file(FileError)
    /// The log or the snapshot can't be written.
    case log(LogFault, directory: String)

    /// What the command ends with.
    public var exitCode: Int32 {
        switch self {
        case .occupied: 78
        case .file: 74
        case .log(let fault, _): fault.exitCode
        }
    }
}

extension RestoreFault: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .occupied(let path):
            "\(path) is there already; a backup is restored into new directories only: name another "
                + "--data"
        case .file(let error): "can't \(error)"
        case .log(let fault, let directory): "\(directory): \(fault)"
        }
    }
}
