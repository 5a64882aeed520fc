import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// Snapshots and what the log drops behind them.
@Suite struct SnapshotTests {
    private func file(_ index: UInt64, term: UInt64 = 3, state: [UInt8] = [1, 2, 3]) -> SnapshotFile
    {
        SnapshotFile(
            record: record, last: EntryID(index: LogIndex(index), term: Term(term)),
            level: .current, state: state)
    }

    @Test func theFileIsSpelledAsThePageSays() throws {
        let bytes = file(0x0102).encoded
        #expect(Array(bytes[..<8]) == Array("TALLYSNP".utf8))
        #expect(Array(bytes[8..<12]) == [1, 0, 0, 0])
        #expect(Array(bytes[16..<24]) == [2, 1, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[24..<32]) == [3, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[32..<40]) == [2, 0, 0, 0, 0, 0, 0, 0])
        var founding = ByteWriter()
        record.encode(into: &founding)
        #expect(Array(bytes[40...]) == founding.bytes + [1, 2, 3])
        #expect(try SnapshotFile.decode(bytes) == file(0x0102))
        #expect(try SnapshotFile.decode(file(9, state: []).encoded).state == [])
        #expect(SnapshotDirectory.fileName(LogIndex(1000)) == "snapshot-00000000000000001000.bin")
        #expect(
            SnapshotDirectory.index(ofFile: "snapshot-00000000000000001000.bin")?.number == 1000)
        for name in ["snapshot-1000.bin", "snapshot-00000000000000000000.bin", "snapshot.new"] {
            #expect(SnapshotDirectory.index(ofFile: name) == nil)
        }
    }

    @Test func noOtherBytesAreASnapshot() throws {
        let bytes = file(7).encoded
        for count in 0..<bytes.count {
            #expect(throws: SnapshotFault.damaged) {
                try SnapshotFile.decode(Array(bytes[..<count]))
            }
        }
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SnapshotFault.damaged) { try SnapshotFile.decode(flipped) }
        }
        // Fields that no snapshot has, under a checksum that is right.
        for (offset, byte) in [(23, UInt8(0xFF)), (31, 0x40), (16, 0), (24, 0), (35, 1), (40, 0)] {
            var writer = ByteWriter(appendingTo: bytes)
            writer.overwrite(byte, at: offset)
            writer.overwrite(
                FormatVersion.checksum(of: writer.bytes), at: FormatVersion.checksumOffset)
            #expect(throws: SnapshotFault.damaged, "offset \(offset)") {
                try SnapshotFile.decode(writer.bytes)
            }
        }
    }

    @Test func theTwoNewestAreKept() throws {
        var disk = MemoryDisk()
        var through: [UInt64] = []
        for index in [10, 20, 30, 30, 40] as [UInt64] {
            let bytes = file(index).encoded
            let last = EntryID(index: LogIndex(index), term: Term(3))
            through.append(try SnapshotDirectory.save(bytes, last: last, on: &disk).number)
        }
        #expect(through == [0, 10, 20, 20, 30])
        #expect(
            disk.files.keys.sorted() == [30, 40].map { SnapshotDirectory.fileName(LogIndex($0)) })
    }

    @Test func aFullDiskLeavesTheSnapshotsThatThereAre() throws {
        var disk = MemoryDisk()
        let last = EntryID(index: LogIndex(10), term: Term(3))
        try SnapshotDirectory.save(file(10).encoded, last: last, on: &disk)
        let before = disk.files
        disk.capacity = disk.files.values.reduce(0) { $0 + $1.count } + 20
        do throws(DiskError) {
            let last = EntryID(index: LogIndex(20), term: Term(3))
            _ = try SnapshotDirectory.save(file(20).encoded, last: last, on: &disk)
            Issue.record("there is no room")
        } catch {
            #expect(error.kind == .noSpace)
        }
        #expect(disk.files == before)
    }

    /// What the segments' files take.
    private func segmentBytes(_ disk: MemoryDisk) -> UInt64 {
        disk.files.reduce(0) {
            $0 + (SegmentHeader.number(ofFile: $1.key) == nil ? 0 : UInt64($1.value.count))
        }
    }

    @Test func aLogTakesNoMoreRoomThanItsSnapshotsLeave() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .founded(record))
        driver.stageLevel(term: 1)
        try driver.begin(nonce: 3)
        try driver.commit()
        #expect(driver.log.bytesOnDisk == segmentBytes(disk))
        var most: UInt64 = 0
        for number in 1...UInt8(60) {
            driver.stage([[number], [number, 1]], term: UInt64(number))
            try driver.commit()
            #expect(driver.log.bytesOnDisk == segmentBytes(disk))
            guard number % 5 == 0 else { continue }
            let through = try driver.save(driver.state.entries.count)
            try driver.log.dropSegments(through: through)
            #expect(driver.log.bytesOnDisk == segmentBytes(disk))
            if number > 20 { most = max(most, segmentBytes(disk)) }
            var state = driver.state
            driver = try Driver(disk)
            #expect(driver.state == state && driver.log.bytesOnDisk == segmentBytes(disk))
            try driver.begin(nonce: UInt64(number))
            state.starts = driver.state.starts
            #expect(driver.state == state)
        }
        #expect(driver.state.starts.count == 13 && driver.state.starts.nonces.last == 3)
        #expect(most > 0 && most < 14_000, "\(most)")
        try driver.log.dropSegments(through: LogIndex(1000))
        #expect(driver.log.bytesOnDisk == segmentBytes(disk))
        #expect(try recover(disk) == driver.state)
    }

    /// A log of an older program has no heads: its segments go together, once one behind them has.
    @Test func segmentsWithoutHeadsGoOnceALaterOneHasOne() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .founded(record))
        for number in 1...UInt8(6) {
            driver.stage([[number], [number, 1]], term: 1)
            try driver.commit()
        }
        let old = disk.files.keys.compactMap { SegmentHeader.number(ofFile: $0) }.max()!
        #expect(old > 2)
        for name in disk.files.keys where SegmentHeader.number(ofFile: name) != nil {
            #expect(disk.files[name]![40..<44].allSatisfy { $0 == 0 }, "an older program reads it")
        }
        try driver.save(9)
        try driver.log.dropSegments(through: try driver.save(10))
        #expect(disk.files["wal-00000001.log"] != nil)
        driver.stageLevel(term: 1)
        driver.stage([[7], [8], [9]], term: 1)
        try driver.commit()
        driver.stage([[10], [11], [12]], term: 1)
        try driver.commit()
        try driver.save(driver.state.entries.count - 1)
        let through = try driver.save(driver.state.entries.count)
        let before = disk.snapshot
        let state = driver.state
        for operation in 0... {
            disk.snapshot = before
            disk.restart()
            driver = try Driver(disk)
            disk.powerFailsAfter = disk.operations + operation
            let isDone = (try? driver.log.dropSegments(through: through)) != nil
            var random = RandomSource(seed: UInt64(operation))
            if isDone { disk.restart() } else { disk.cutPower(&random) }
            driver = try Driver(disk)
            #expect(driver.state == state)
            try driver.log.dropSegments(through: through)
            #expect(disk.files["wal-00000002.log"] == nil)
            #expect(driver.log.bytesOnDisk == segmentBytes(disk))
            #expect(try recover(disk) == state)
            if isDone { break }
        }
    }

    /// The last entry of a dropped segment may be one that was replaced later: the log begins behind
    /// what took its place.
    @Test func anEntryMayReplaceThoseOfADroppedSegment() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk, limits: LogLimits(segmentBytes: 512, preallocationBytes: 128))
        driver.stage(founding: .founded(record))
        driver.stageLevel(term: 1)
        driver.stage([[2], [3]], term: 1)
        try driver.commit()
        // Entries 4 to 6 of term 2 fill the segment, and are replaced in the next one.
        driver.stage([[4, 4], [5, 5], [6, 6]], term: 2)
        try driver.commit()
        driver.stage([[4], [5], [6], [7], [8]], term: 3, from: LogIndex(4))
        try driver.commit()
        driver.stage([[9], [10], [11]], term: 3)
        try driver.commit()
        let bases = disk.files.filter { SegmentHeader.number(ofFile: $0.key) != nil }.map {
            headBase(of: $0.value)
        }
        #expect(bases.contains(LogIndex(6)))
        try driver.save(7)
        try driver.log.dropSegments(through: try driver.save(8))
        #expect(disk.files["wal-00000001.log"] == nil)
        #expect(try recover(disk) == driver.state)
        driver = try Driver(disk)
        #expect(driver.tail.base == EntryID(index: LogIndex(8), term: Term(3)))
    }

    @Test func aDirectoryWithSnapshotsAndNoIdentityIsDamaged() throws {
        let disk = MemoryDisk()
        disk.files[SnapshotDirectory.fileName(LogIndex(3))] = file(3).encoded
        #expect(damageFound(in: disk)?.file == "identity")
    }

    /// A leader's snapshot counts as soon as it has its name; the log on disk says so at the next start.
    @Test func aSavedSnapshotBeyondTheLogBeginsItAnew() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .founded(record))
        driver.stageLevel(term: 1)
        driver.stage([[2], [3]], term: 1)
        try driver.commit()
        var leaders = driver.state
        leaders.entries += (0..<5).map {
            LogState.Entry(term: Term(4), kind: .command, payload: [UInt8($0)])
        }
        disk.files[SnapshotDirectory.fileName(LogIndex(8))] = leaders.snapshot(8).encoded
        driver = try Driver(disk)
        leaders.hardState = HardState(term: Term(4), vote: nil)
        #expect(driver.state == leaders && driver.opening.commit == LogIndex(8))
        #expect(driver.tail.base == EntryID(index: LogIndex(8), term: Term(4)))
        let files = disk.files
        #expect(try recover(disk) == leaders && disk.files == files)
        driver.stage([[9]], term: 4)
        try driver.commit()
        #expect(try recover(disk) == driver.state)
        // Without it the log begins with nothing.
        disk.files[SnapshotDirectory.fileName(LogIndex(8))] = nil
        let damage = try #require(damageFound(in: disk))
        #expect(damage.file == SnapshotDirectory.fileName(LogIndex(8)))
        #expect(damage.reason == .missing)
    }
}
