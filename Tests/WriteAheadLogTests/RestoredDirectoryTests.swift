import Founding
import Raft
import Testing

@testable import WriteAheadLog

/// A directory that begins with a snapshot, before there is a cluster.
@Suite struct RestoredDirectoryTests {
    private static let origin: UInt64 = 5
    private static let last = EntryID(index: LogIndex(1 << 32), term: Term(4))

    /// The record of that cluster on those disks.
    private static func founded(
        _ cluster: [UInt8] = cluster, on disk: DiskID = firstDisk, from origin: UInt64? = origin
    ) throws -> FoundingRecord {
        let member = FoundingRecord.Member(node: node, disk: disk)
        return try #require(
            FoundingRecord(cluster: cluster, members: [member], origin: origin))
    }

    /// A newborn directory with a snapshot of that record.
    private static func directory(_ record: FoundingRecord) throws -> MemoryDisk {
        var disk = MemoryDisk()
        _ = try Driver(disk)
        let file = SnapshotFile(
            record: record, last: last, level: .current, state: [1, 2, 3])
        try SnapshotDirectory.save(file.encoded, last: last, on: &disk)
        disk.settle()
        return disk
    }

    /// Opens the directory as restored, and writes that founding state where there is one.
    private static func open(
        _ disk: MemoryDisk, expecting founding: FoundingState = .newborn,
        thenWriting next: FoundingState? = nil
    ) throws {
        var opened = try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: DiskID(9), limits: small)
        let number = opened.log.identity.disk
        #expect(number == firstDisk)
        let (base, end) = (opened.recovered.log.base, opened.recovered.log.last)
        #expect(base == last && end == last)
        let (level, commit) = (opened.recovered.log.level, opened.recovered.commit)
        #expect(level == .current && commit == last.index)
        let (found, hardState) = (opened.recovered.founding, opened.recovered.hardState)
        #expect(found == founding && hardState == HardState(term: last.term, vote: nil))
        let state = opened.recovered.snapshot?.state
        #expect(state == [1, 2, 3])
        guard let next else { return }
        var batch = LogBatch()
        batch.append(founding: next)
        try opened.log.flush(&batch)
        try opened.log.sync()
    }

    @Test func beginsBehindItsSnapshotBeforeAndAfterTheFounding() throws {
        // The snapshot names the disks of the cluster that was saved.
        let disk = try Self.directory(Self.founded(on: DiskID(0xA1)))
        let record = try Self.founded()
        try Self.open(disk)
        try Self.open(disk, thenWriting: .pledged(record))
        try Self.open(disk, expecting: .pledged(record), thenWriting: .founded(record))
        try Self.open(disk, expecting: .founded(record))
    }

    /// Its segments have heads from the second one on, though its log has no entry that raises the level.
    @Test func dropsWhatItsOwnSnapshotsStandFor() throws {
        var disk = try Self.directory(Self.founded(on: DiskID(0xA1)))
        let record = try Self.founded()
        try Self.open(disk, thenWriting: .founded(record))
        var opened = try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: DiskID(9), limits: small)
        var tail = opened.recovered.log
        let term = Self.last.term.next
        var batch = LogBatch()
        for number in 1...UInt64(40) {
            tail.append(term: term, kind: .command, payload: 0..<4, of: [1, 2, 3, 4])
            let index = tail.lastIndex
            batch.append(
                Write(
                    id: WriteID(number),
                    hardState: number == 1 ? HardState(term: term, vote: nil) : nil,
                    entries: index..<index.next), from: tail)
            try opened.log.flush(&batch)
            try opened.log.sync()
            guard number % 10 == 0 else { continue }
            let file = SnapshotFile(record: record, last: tail.last, level: .current, state: [7])
            let through = try SnapshotDirectory.save(file.encoded, last: file.last, on: &disk)
            try opened.log.dropSegments(through: through)
        }
        let segments = disk.files.keys.compactMap { SegmentHeader.number(ofFile: $0) }.sorted()
        #expect(segments.count > 1 && segments[0] > 2)
        let again = try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: DiskID(9), limits: small)
        let (end, base) = (again.recovered.log.last, again.recovered.log.base)
        #expect(end == tail.last && base == tail.last)
        let founding = again.recovered.founding
        #expect(founding == .founded(record))
    }

    @Test func aNewbornHasNoSnapshotOfItsOwn() throws {
        let disk = try Self.directory(Self.founded(from: nil))
        let damage = try #require(damageFound(in: disk))
        #expect(damage.reason == .foreignSnapshot)
        #expect(damage.file == SnapshotDirectory.fileName(Self.last.index))
    }

    @Test func aSnapshotOfAnotherOriginOrClusterIsForeign() throws {
        let disk = try Self.directory(Self.founded(on: DiskID(0xA1)))
        try Self.open(disk, thenWriting: .pledged(try Self.founded()))
        let others = [
            try Self.founded(from: nil), try Self.founded(from: Self.origin + 1),
            try Self.founded(Array("other".utf8)),
        ]
        for other in others {
            let file = SnapshotFile(record: other, last: Self.last, level: .current, state: [])
            disk.files[SnapshotDirectory.fileName(Self.last.index)] = file.encoded
            #expect(damageFound(in: disk)?.reason == .foreignSnapshot)
        }
    }

    @Test func aDamagedSnapshotIsNotDoneWithout() throws {
        let disk = try Self.directory(Self.founded(on: DiskID(0xA1)))
        let name = SnapshotDirectory.fileName(Self.last.index)
        disk.files[name]?[60] ^= 1
        let damage = try #require(damageFound(in: disk))
        #expect(damage.file == name && damage.reason == .snapshot)
    }
}
