import Primitives
import Raft

/// Why a log can't be opened, or can't go on.
public enum LogFault: Error, Hashable, Sendable {
    /// Bytes that were synced are not what they were. Nothing in the directory was changed.
    case damaged(Damage)
    /// The file was written by a newer version of the program.
    case newer(file: String, offset: Int)
    /// The file belongs to a cluster at a feature level that this program can't do.
    case newerLevel(FeatureLevel, file: String)
    /// The directory belongs to another node or cluster.
    case identity(found: DirectoryIdentity, cluster: [UInt8], node: NodeID)
    /// Space for more zeros could not be had, nor was there a reserve to give back that held enough. Nothing is half done: what was staged still is, and
    /// the same call may be made again.
    case noSpace(DiskError)
    /// The disk failed, and what it holds now is unknown; this log must not be used again.
    case disk(DiskError)

    /// What the process ends with (sysexits: 65 data, 74 input/output, 78 configuration).
    public var exitCode: Int32 {
        switch self {
        case .damaged, .newer, .newerLevel: 65
        case .noSpace, .disk: 74
        case .identity: 78
        }
    }
}

/// Where a log is damaged, and how that is known.
public struct Damage: Hashable, Sendable {
    /// How the damage is known.
    public enum Reason: String, Sendable {
        /// A file that must be there is not.
        case missing = "the file is missing"
        /// The identity's checksum or shape is wrong.
        case identity = "the identity does not verify"
        /// A segment's header is wrong.
        case segmentHeader = "the segment's header does not verify"
        /// The bytes that a rewrite kept aside are wrong.
        case rewrite = "the bytes kept aside for a rewrite do not verify or belong elsewhere"
        /// A record at the head of a segment is wrong, or says something else than those before.
        case segmentHead = "the segment's head does not verify"
        /// A snapshot's bytes are wrong.
        case snapshot = "the snapshot does not verify, and the log does not make up for it"
        /// A snapshot is another cluster's, or of another past than the log.
        case foreignSnapshot = "the snapshot contradicts the log, or belongs to another cluster"
        /// A segment has another's number, place or disk.
        case misplacedSegment = "the segment belongs to another place or another disk"
        /// A later record says that this one had been synced.
        case durableRecordFollows =
            "no record verifies here, but a later one proves that it was synced"
        /// A seal or a segment follows a record that does not verify.
        case laterSegment = "no record verifies here, but the log goes on behind it"
        /// Something lies behind a seal.
        case behindSeal = "bytes behind the segment's seal are not zero"
        /// A record verifies but can't be true.
        case impossible = "the record verifies but contradicts those before it"
        /// The search behind the record ended without an answer.
        case unclear = "no record verifies here, and what follows can't be told from synced data"
    }

    /// The file's name in the directory.
    public var file: String
    /// Where in the file, in bytes.
    public var offset: Int
    /// The index of the last entry before the damage.
    public var after: LogIndex
    /// How the damage is known.
    public var reason: Reason

    /// Damage at that place.
    public init(file: String, offset: Int, after: LogIndex, reason: Reason) {
        self.file = file
        self.offset = offset
        self.after = after
        self.reason = reason
    }
}

extension LogFault: CustomStringConvertible {
    /// What happened, where, and the next step that is safe; one line.
    public var description: String {
        switch self {
        case .damaged(let damage):
            "\(damage.file) is damaged at offset \(damage.offset), after entry "
                + "\(damage.after.number): \(damage.reason.rawValue). Nothing was changed. "
                + "Keep the other nodes running; they have what was acknowledged. Look after the "
                + "disk and put this directory's own newest bytes back. Do not delete it: a node "
                + "that comes back empty is refused by the others"
        case .newer(let file, let offset):
            "\(file) was written by a newer version of tally (seen at offset \(offset)). Nothing "
                + "was changed; start this node with that version"
        case .newerLevel(let level, let file):
            "\(file) \(level.need). Nothing was changed; start this node with that version"
        case .identity(let found, let cluster, let node):
            "the directory belongs to node \(found.node) of cluster "
                + "\(String(decoding: found.cluster, as: UTF8.self)) (disk \(found.disk)), not to "
                + "node \(node) of cluster \(String(decoding: cluster, as: UTF8.self)). Start it "
                + "with its own config and id, or name another directory"
        case .noSpace(let error):
            "the log can't grow: \(error). Nothing is lost; make room and start the node again"
        case .disk(let error) where error.kind == .notAllowed:
            "\(error). The directory or the file belongs to another user, or the file system is "
                + "read-only: let the user that runs this node read and write it, then start it again"
        case .disk(let error):
            "the disk failed: \(error). What was acknowledged is safe on a majority; look after the "
                + "disk, then start the node again"
        }
    }
}
