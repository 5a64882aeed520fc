import Founding
import Raft

/// What a node's directory holds, read by the rules of recovery and without changing a byte.
///
/// No lock is needed. A directory that a node is writing to may be read, too; what is found then may
/// be a moment old, and damage may be only a file that was read while it grew: read again.
public struct LogInspection: ~Copyable {
    /// How the log ends.
    public enum Ending: Hashable, Sendable {
        /// Behind a record, with zeros.
        case clean
        /// With bytes that are no record, the rest of a batch that was never synced.
        case torn(file: String, offset: Int, count: Int)
        /// With damage, or what this program can't read: what lies behind it is not known.
        case fault(LogFault)
    }

    /// A snapshot's file.
    public struct FoundSnapshot: Sendable {
        /// The file's name.
        public let name: String
        /// How many bytes it takes.
        public let bytes: Int
        /// What it holds, or why that can't be read.
        public let content: Result<SnapshotFile, SnapshotFault>
    }

    /// Whose directory it is.
    public let identity: DirectoryIdentity
    /// The numbers of the segments, in order.
    public let segments: [UInt64]
    /// The snapshots, oldest first.
    public let snapshots: [FoundSnapshot]
    /// All records up to the log's end, in order; empty unless they are wanted.
    public let records: [InspectedRecord]
    /// The entries, as far back as the segments go.
    public let log: EntryLog
    /// Whether the newest snapshot stands in place of the log, which ends before it or holds another
    /// past.
    public let isReplaced: Bool
    /// Through which entry the log is known to be committed, at most the last one.
    public let commit: LogIndex
    /// The newest term and vote.
    public let hardState: HardState
    /// How far the disk has come on the way to a founded cluster.
    public let founding: FoundingState
    /// How the log ends.
    public let ending: Ending

    /// Whether the log ends with damage, or with what this program can't read.
    public var isFaulty: Bool { if case .fault = ending { true } else { false } }

    /// Reads the directory that `disk` stands for. Nil where it holds nothing of a node, or only what
    /// the first steps of a node's birth leave behind.
    ///
    /// Damage to the log is part of what is found; what keeps all of it from being read is thrown.
    public static func read<Storage: Disk & ~Copyable>(
        _ disk: inout Storage, listsRecords: Bool = false
    ) throws(LogFault) -> LogInspection? {
        let names = try LogInspection.onDisk { () throws(DiskError) in try disk.list() }
        let segments = names.compactMap { SegmentHeader.number(ofFile: $0) }.sorted()
        guard names.contains(DirectoryIdentity.fileName) else {
            try NewDirectory.check(segments, names: names, on: &disk)
            return nil
        }
        let identity = try DirectoryIdentity.decode(
            onDisk { () throws(DiskError) in try disk.read(DirectoryIdentity.fileName) })
        let rewrite = try WriteAheadLog.interruptedRewrite(
            disk: identity.disk, on: &disk, names: names)
        var ending = Ending.clean
        var found = FoundSnapshots()
        do throws(LogFault) {
            found = try SnapshotDirectory.find(in: names, on: &disk)
        } catch {
            ending = try Ending(error)
        }
        var reader = LogReader(
            disk: identity.disk, rewrite: rewrite, level: found.newest?.level ?? .initial,
            listsRecords: listsRecords)
        var end: LogEnd?
        do throws(LogFault) {
            end = try reader.readAll(segments, of: &disk)
        } catch {
            ending = try Ending(error)
        }
        let records = reader.records ?? []
        let replay = reader.finish()
        var isReplaced = false
        if let end, case .clean = ending {
            if !end.torn.isEmpty { ending = Ending(end) }
            do throws(LogFault) {
                isReplaced = try replay.isReplaced(by: found, firstSegment: end.firstSegment)
            } catch {
                ending = try Ending(error)
            }
        }
        return LogInspection(
            identity: identity, segments: segments,
            snapshots: try readSnapshots(names, of: &disk), records: records, replay: replay,
            isReplaced: isReplaced, ending: ending)
    }

    private init(
        identity: DirectoryIdentity, segments: [UInt64], snapshots: [FoundSnapshot],
        records: [InspectedRecord], replay: consuming Replay, isReplaced: Bool, ending: Ending
    ) {
        let recovered = replay.recovered(snapshot: nil, tornTail: nil)
        commit = recovered.commit
        hardState = recovered.hardState
        founding = recovered.founding
        log = recovered.log
        self.identity = identity
        self.segments = segments
        self.snapshots = snapshots
        self.records = records
        self.isReplaced = isReplaced
        self.ending = ending
    }

    private static func readSnapshots<Storage: Disk & ~Copyable>(
        _ names: [String], of disk: inout Storage
    ) throws(LogFault) -> [FoundSnapshot] {
        var snapshots: [FoundSnapshot] = []
        for index in SnapshotDirectory.indices(in: names).reversed() {
            let name = SnapshotDirectory.fileName(index)
            let bytes = try onDisk { () throws(DiskError) in try disk.read(name) }
            let content: Result<SnapshotFile, SnapshotFault>
            do throws(SnapshotFault) {
                let file = try SnapshotFile.decode(bytes)
                content = file.last.index == index ? .success(file) : .failure(.damaged)
            } catch {
                content = .failure(error)
            }
            snapshots.append(FoundSnapshot(name: name, bytes: bytes.count, content: content))
        }
        return snapshots
    }

    private static func onDisk<Found>(
        _ body: () throws(DiskError) -> Found
    ) throws(LogFault) -> Found {
        do throws(DiskError) {
            return try body()
        } catch {
            throw .disk(error)
        }
    }
}

extension LogInspection.Ending {
    /// The torn tail that was found.
    fileprivate init(_ end: LogEnd) {
        self = .torn(
            file: SegmentHeader.fileName(end.number), offset: end.offset, count: end.torn.count)
    }

    /// That fault, unless it is the disk's: a file that can't be read is no damage.
    fileprivate init(_ fault: LogFault) throws(LogFault) {
        guard fault.exitCode == 65 else { throw fault }
        self = .fault(fault)
    }
}
