import Founding
import Primitives
import Raft

extension WriteAheadLog where Storage: ~Copyable {
    /// Opens the log of `node` of `cluster` in the directory that `disk` stands for, or makes it
    /// there with the number `newDisk` where the directory is fresh.
    ///
    /// The caller holds the directory's lock. Damage, a newer format and another identity are
    /// thrown before any byte is changed.
    public static func open(
        _ disk: consuming Storage, cluster: [UInt8], node: NodeID, newDisk: DiskID,
        limits: LogLimits = .standard
    ) throws(LogFault) -> OpenedLog<Storage> {
        let names = try onDisk { () throws(DiskError) in try disk.list() }
        let segments = names.compactMap { SegmentHeader.number(ofFile: $0) }.sorted()
        guard names.contains(DirectoryIdentity.fileName) else {
            try NewDirectory.check(segments, names: names, on: &disk)
            let identity = DirectoryIdentity(cluster: cluster, node: node, disk: newDisk)
            let segment = try onDisk { () throws(DiskError) in
                try clearAway(names, on: &disk)
                return try NewDirectory.make(identity, on: &disk, limits: limits)
            }
            return OpenedLog(
                log: WriteAheadLog(
                    disk: disk, identity: identity, limits: limits, segment: segment, sealed: [],
                    head: SegmentHead(), mark: nil,
                    hasReserve: names.contains(Reserve.fileName)),
                recovered: Recovered(
                    hardState: .initial, log: EntryLog(), snapshot: nil, founding: .newborn,
                    commit: .zero, starts: StartHistory(), peerStarts: [], isFresh: true,
                    tornTail: nil))
        }
        let identity = try DirectoryIdentity.decode(
            onDisk { () throws(DiskError) in try disk.read(DirectoryIdentity.fileName) })
        guard identity.cluster == cluster, identity.node == node else {
            throw .identity(found: identity, cluster: cluster, node: node)
        }
        return try recover(disk, identity: identity, limits: limits, names: names)
    }

    private static func recover(
        _ disk: consuming Storage, identity: DirectoryIdentity, limits: LogLimits, names: [String]
    ) throws(LogFault) -> OpenedLog<Storage> {
        let snapshots = try SnapshotDirectory.find(in: names, on: &disk)
        let rewrite = try interruptedRewrite(disk: identity.disk, on: &disk, names: names)
        var reader = LogReader(
            disk: identity.disk, rewrite: rewrite, level: snapshots.newest?.level ?? .initial)
        let tail = try reader.readAll(
            names.compactMap { SegmentHeader.number(ofFile: $0) }.sorted(), of: &disk)
        var replay = reader.finish()
        let mark = replay.markOffset.map { Mark(offset: $0, commit: replay.head.commit) }
        let written = replay.head
        let beginsAnew = try replay.join(snapshots, firstSegment: tail.firstSegment)
        // Up to here nothing was changed.
        var hasReserve = names.contains(Reserve.fileName)
        let (segment, torn) = try onDisk { () throws(DiskError) in
            try snapshots.setAside(on: &disk)
            try clearAway(names, on: &disk)
            do throws(DiskError) {
                return try tail.settle(on: &disk, identity: identity, names: names)
            } catch {
                guard error.kind == .noSpace, hasReserve else { throw error }
                hasReserve = false
                try Reserve.remove(from: &disk)
                return try tail.settle(on: &disk, identity: identity, names: names)
            }
        }
        var log = WriteAheadLog(
            disk: disk, identity: identity, limits: limits, segment: segment,
            sealed: tail.sealed, head: written, mark: mark, hasReserve: hasReserve)
        if beginsAnew { try log.begin(behind: replay.head) }
        log.noteCommit(replay.commit)
        var recovered = replay.recovered(snapshot: snapshots.newest, tornTail: torn)
        recovered.setAside = snapshots.damaged.map { SnapshotDirectory.damagedName($0) }
        return OpenedLog(log: log, recovered: recovered)
    }

    /// Removes what was half written: it means nothing, and may be what fills the disk.
    private static func clearAway(
        _ names: [String], on disk: inout Storage
    ) throws(DiskError) {
        for name in [Reserve.asideName, SnapshotDirectory.asideName] where names.contains(name) {
            try disk.remove(name)
        }
    }

    static func interruptedRewrite(
        disk number: DiskID, on disk: inout Storage, names: [String]
    ) throws(LogFault) -> Rewrite? {
        guard names.contains(Rewrite.fileName) else { return nil }
        return try Rewrite.decode(
            onDisk { () throws(DiskError) in try disk.read(Rewrite.fileName) }, disk: number)
    }

    /// Runs operations of the disk, for callers to whom any failure is the log's failure.
    private static func onDisk<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(LogFault) -> Result {
        do throws(DiskError) {
            return try body()
        } catch {
            throw error.kind == .noSpace ? .noSpace(error) : .disk(error)
        }
    }
}

/// How a directory is made (docs/disk-format.md, "Writing").
enum NewDirectory {
    /// Throws unless a directory without an identity, with these segments, holds nothing yet.
    static func check<Storage: Disk & ~Copyable>(
        _ segments: [UInt64], names: [String], on disk: inout Storage
    ) throws(LogFault) {
        let missing = LogFault.damaged(
            Damage(file: DirectoryIdentity.fileName, offset: 0, after: .zero, reason: .missing))
        // Only a log that has been opened before is rewritten.
        if names.contains(Rewrite.fileName) || !SnapshotDirectory.indices(in: names).isEmpty {
            throw missing
        }
        if segments.isEmpty { return }
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try disk.read(SegmentHeader.fileName(segments[0]))
        } catch {
            throw .disk(error)
        }
        if segments == [1], LogReader.isEmptySegment(bytes) { return }
        throw missing
    }

    /// Makes the first segment and then the identity, so that an identity always has a log.
    static func make<Storage: Disk & ~Copyable>(
        _ identity: DirectoryIdentity, on disk: inout Storage, limits: LogLimits
    ) throws(DiskError) -> Segment {
        let segment = try Segment.create(
            SegmentHeader(number: 1, start: .zero, disk: identity.disk), on: &disk, limits: limits)
        try disk.syncDirectory()
        let bytes = identity.encoded
        let file = try disk.open(DirectoryIdentity.asideName, .created)
        try disk.write(bytes, 0..<bytes.count, to: file, at: 0)
        try disk.sync(file)
        disk.close(file)
        try disk.rename(DirectoryIdentity.asideName, to: DirectoryIdentity.fileName)
        try disk.syncDirectory()
        return segment
    }
}
