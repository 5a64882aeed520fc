import Calculator
import Founding
import Posix
import Primitives
import Raft
import Replica
import Testing
import WriteAheadLog

@testable import Server

/// What nodes begin with that are restored from a backup.
@Suite struct RestoredStateTests {
    private let directory: String
    private let cluster = Array("new".utf8)

    init() throws {
        directory = "/tmp/tally-restored-\(String(Entropy.uint64(), radix: 36))"
        try FileSystem.createDirectory(directory)
    }

    private func remove(_ path: String) throws {
        for name in try FileSystem.names(in: path) {
            let name = "\(path)/\(name)"
            if FileSystem.isDirectory(name) {
                try remove(name)
            } else {
                try FileSystem.remove(name)
            }
        }
        try FileSystem.removeDirectory(path)
    }

    /// A backup of the cluster `old`, in which the value is that one after that entry.
    private func backup(
        _ value: Int64, at index: UInt64 = 7, term: UInt64 = 3
    ) throws -> BackupFile {
        let last = EntryID(index: LogIndex(index), term: Term(term))
        let engine = Engine(
            restoring: Calculator(value: value, lastChange: index), level: .current, hash: 5,
            at: last)
        let member = FoundingRecord.Member(node: id("n1"), disk: DiskID(0xA1))
        let record = try #require(FoundingRecord(cluster: Array("old".utf8), members: [member]))
        return try BackupFile(
            SnapshotFile(
                record: record, last: last, level: .current, state: engine.encodeState()
            ).encoded)
    }

    /// What a node reads of its directory.
    private func recovered(_ path: String, _ node: NodeID) throws -> SnapshotFile {
        let opened = try WriteAheadLog.open(
            FileDisk(directory: path), cluster: cluster, node: node, newDisk: DiskID(1))
        let (founding, starts) = (opened.recovered.founding, opened.recovered.starts)
        #expect(founding == .newborn && starts.count == 0)
        let snapshot = opened.recovered.snapshot
        return try #require(snapshot)
    }

    @Test func allNodesBeginWithTheSameFarBeyondTheBackup() throws {
        let state = try #require(RestoredState(try backup(42), cluster: cluster))
        #expect(state.index == 1 << 32 + 7 && state.term == 4)
        let disks = try ["n1", "n2"].map { try state.prepare("\(directory)/\($0)", node: id($0)) }
        #expect(disks[0] != disks[1])
        let first = try recovered("\(directory)/n1", id("n1"))
        #expect(first == (try recovered("\(directory)/n2", id("n2"))))
        #expect(first.last == EntryID(index: LogIndex(state.index), term: Term(4)))
        #expect(first.record.origin == state.digest && first.cluster == cluster)
        let engine = try #require(Engine<Calculator>(state: first.state))
        #expect(engine.machine == Calculator(value: 42, lastChange: state.index))
        #expect(engine.applied == first.last && engine.keyCount == 0 && engine.hash == 5)
        #expect(try FileSystem.names(in: directory) == ["n1", "n2"])
        try remove(directory)
    }

    @Test func theDigestTellsBackupsApart() throws {
        let backups = try [backup(42), backup(42), backup(43), backup(42, at: 8)]
        let digests = backups.map { RestoredState($0, cluster: cluster)?.digest }
        #expect(digests[0] == digests[1] && Set(digests).count == 3)
        try remove(directory)
    }

    @Test func onlyAFreePlaceIsTaken() throws {
        let state = try #require(RestoredState(try backup(42), cluster: cluster))
        let path = "\(directory)/n1"
        // An empty directory is as good as none, and what an interrupted restore left is removed.
        try FileSystem.createDirectory(path)
        try FileSystem.createDirectory("\(path)~restoring")
        try FileSystem.replaceAtomically("\(path)~restoring/identity", with: [1, 2, 3])
        #expect(try RestoredState.isFree(path))
        _ = try state.prepare(path, node: id("n1"))
        _ = try recovered(path, id("n1"))
        let before = try FileSystem.names(in: path)
        #expect(throws: RestoreFault.self) { try state.prepare(path, node: id("n1")) }
        #expect(!(try RestoredState.isFree(path)))
        #expect(try FileSystem.names(in: path) == before)
        // A file is no free place either.
        try FileSystem.replaceAtomically("\(directory)/n2", with: [])
        #expect(!(try RestoredState.isFree("\(directory)/n2")))
        try remove(directory)
    }

    @Test func twoAtOnceDoNotMeet() throws {
        let state = try #require(RestoredState(try backup(42), cluster: cluster))
        let path = "\(directory)/n1"
        try FileSystem.createDirectory("\(path)~restoring")
        do {
            let lock = try DirectoryLock(directory: "\(path)~restoring")
            do throws(RestoreFault) {
                _ = try state.prepare(path, node: id("n1"))
                Issue.record("another process restores there")
            } catch {
                #expect(error.exitCode == 74 && "\(error)".contains("in use"))
            }
            withExtendedLifetime(lock) {}
        }
        _ = try state.prepare(path, node: id("n1"))
        try remove(directory)
    }

    @Test func anIndexOrTermThatCanNotMoveOnIsRefused() throws {
        let limit: UInt64 = 1 << 61
        let most = try backup(1, at: limit - 1 << 32 - 1, term: limit - 2)
        #expect(RestoredState(most, cluster: cluster) != nil)
        #expect(
            RestoredState(try backup(1, at: limit - 1 << 32), cluster: cluster) == nil)
        #expect(RestoredState(try backup(1, at: 1 << 62 - 1), cluster: cluster) == nil)
        #expect(RestoredState(try backup(1, term: limit - 1), cluster: cluster) == nil)
        #expect(RestoredState(try backup(1, term: 1 << 62 - 1), cluster: cluster) == nil)
        #expect(RestoredState(most, cluster: Array("no name".utf8)) == nil)
        try remove(directory)
    }
}
