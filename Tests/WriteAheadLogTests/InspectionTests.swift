import Founding
import Posix
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// What a reader of a directory finds that nobody is to change.
@Suite struct InspectionTests {
    private static func fixture(_ name: String) throws -> MemoryDisk {
        let folders = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let directory = "/\(folders)/Fixtures/version-1/\(name)"
        let disk = MemoryDisk()
        for file in try FileSystem.names(in: directory) {
            disk.files[file] = try FileSystem.contents(of: "\(directory)/\(file)", limit: 1 << 20)
        }
        return disk
    }

    private static func inspect(_ disk: MemoryDisk) throws -> LogInspection {
        var disk = disk
        let before = disk.files
        let found = try LogInspection.read(&disk, listsRecords: true)
        #expect(disk.files == before)
        #expect(disk.operations == 0, "the reader has changed the directory")
        guard let inspection = consume found else { throw LogFault.disk(DiskError(.read, "", .io)) }
        return inspection
    }

    @Test(arguments: ["n1", "n2", "n3"])
    func aReaderFindsWhatRecoveryFinds(name: String) throws {
        let disk = try InspectionTests.fixture(name)
        let inspection = try InspectionTests.inspect(disk)
        let opened = try WriteAheadLog.open(
            disk, cluster: cluster, node: try #require(NodeID(name)), newDisk: DiskID(9),
            limits: small)
        let recovered = LogState(opened.recovered)
        let (last, isClean) = (inspection.log.last, inspection.ending == .clean)
        let torn = opened.recovered.tornTail
        #expect(last == opened.recovered.log.last)
        #expect(inspection.hardState == recovered.hardState)
        #expect(inspection.founding == recovered.founding)
        #expect(inspection.commit == opened.recovered.commit)
        #expect(isClean == (torn == nil))
        if let torn {
            #expect(
                inspection.ending
                    == .torn(file: torn.file, offset: torn.offset, count: torn.count))
        }
        let isReplaced = inspection.isReplaced
        #expect(!isReplaced && inspection.snapshots.isEmpty)
    }

    @Test func recordsComeInTheirOrderWithWhatTheySay() throws {
        let inspection = try InspectionTests.inspect(try InspectionTests.fixture("n3"))
        let records = inspection.records
        #expect(records.allSatisfy { $0.offset >= SegmentHeader.size })
        let places = records.map { ($0.segment, $0.offset) }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
        #expect(records.contains { $0.content == .seal && $0.file == "wal-00000001.log" })
        // An entry that was replaced has two records, of which the later counts.
        let entries = records.filter { if case .entry = $0.content { true } else { false } }
        #expect(entries.count == 5 && Set(entries.map(\.index)).count == 4)
        let votes = records.filter { if case .hardState = $0.content { true } else { false } }
        #expect(votes.last?.content == .hardState(inspection.hardState))
        let starts = records.filter { if case .peerStart = $0.content { true } else { false } }
        #expect(starts.count == 2)
    }

    @Test func damageIsFoundWithWhatLiesBeforeIt() throws {
        let disk = try InspectionTests.fixture("n1")
        let whole = try InspectionTests.inspect(disk)
        let entries = whole.records.filter { if case .entry = $0.content { true } else { false } }
        let third = try #require(entries.dropFirst(2).first)
        disk.files[third.file]?[third.offset + RecordHeader.size] ^= 1
        let inspection = try InspectionTests.inspect(disk)
        guard case .fault(.damaged(let damage)) = inspection.ending else {
            Issue.record("no damage was found")
            return
        }
        #expect(damage.file == third.file && damage.offset == third.offset)
        #expect(damage.after == LogIndex(2))
        let (last, isFaulty) = (inspection.log.lastIndex, inspection.isFaulty)
        #expect(last == LogIndex(2) && isFaulty)
    }

    @Test func aDirectoryWithoutANodeIsToldFromADamagedOne() throws {
        var empty = MemoryDisk()
        let nothing = try LogInspection.read(&empty) == nil
        #expect(nothing)
        var headless = try InspectionTests.fixture("n1")
        headless.files[DirectoryIdentity.fileName] = nil
        let fault = #expect(throws: LogFault.self) { _ = try LogInspection.read(&headless) == nil }
        #expect(fault?.exitCode == 65)
    }
}
