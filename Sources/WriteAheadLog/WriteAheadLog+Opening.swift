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
                try NewDirectory.make(identity, on: &disk, limits: limits)
            }
            return OpenedLog(
                log: WriteAheadLog(
                    disk: disk, identity: identity, limits: limits, segment: segment,
                    lastIndex: .zero, mark: nil, commit: .zero),
                recovered: Recovered(
                    hardState: .initial, log: EntryLog(), founding: .newborn, commit: .zero,
                    starts: StartHistory(), peerStarts: [], isFresh: true, tornTail: nil))
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
        let rewrite = try interruptedRewrite(disk: identity.disk, on: &disk, names: names)
        var reader = LogReader(disk: identity.disk, rewrite: rewrite)
        let tail = try reader.readAll(
            names.compactMap { SegmentHeader.number(ofFile: $0) }.sorted(), of: &disk)
        let (segment, torn) = try onDisk { () throws(DiskError) in
            try tail.settle(on: &disk, identity: identity, names: names)
        }
        let replay = reader.finish()
        let lastIndex = replay.log.lastIndex
        let commit = min(replay.commit, lastIndex)
        let mark = replay.markOffset.map { Mark(offset: $0, commit: replay.commit) }
        return OpenedLog(
            log: WriteAheadLog(
                disk: disk, identity: identity, limits: limits, segment: segment,
                lastIndex: lastIndex, mark: mark, commit: commit),
            recovered: replay.recovered(commit: commit, tornTail: torn))
    }

    private static func interruptedRewrite(
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
private enum NewDirectory {
    /// Throws unless a directory without an identity, with these segments, holds nothing yet.
    static func check<Storage: Disk & ~Copyable>(
        _ segments: [UInt64], names: [String], on disk: inout Storage
    ) throws(LogFault) {
        let missing = LogFault.damaged(
            Damage(file: DirectoryIdentity.fileName, offset: 0, after: .zero, reason: .missing))
        // Only a log that has been opened before is rewritten.
        if names.contains(Rewrite.fileName) { throw missing }
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
