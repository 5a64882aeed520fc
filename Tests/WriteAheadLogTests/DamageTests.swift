import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

@Suite struct DamageTests {
    /// A synced log of three segments with records of every kind, idle behind its mark.
    private static func makeLog() throws -> (MemoryDisk, LogState) {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .pledged(record))
        driver.stage([[]], term: 1, hardState: HardState(term: Term(1), vote: node))
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(1))
        driver.stage(founding: .founded(record))
        driver.stage([[1, 2, 3]], term: 1)
        try driver.commit()
        driver.stage([[4], [5, 6, 7, 8, 9, 10, 11, 12, 13]], term: 1)
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(1))
        driver.stage([[14], [15], [16]], term: 2, hardState: HardState(term: Term(2), vote: nil))
        try driver.commit()
        driver.stage([[19]], term: 2)
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(5))
        disk.settle()
        return (disk, driver.state)
    }

    @Test(arguments: ["identity", "wal-00000001.log", "wal-00000002.log", "wal-00000003.log"])
    func everyFlippedBitIsFoundOrHarmless(name: String) throws {
        let (disk, state) = try DamageTests.makeLog()
        let before = disk.files
        #expect(before.count == 4)
        let file = try #require(before[name])
        let starts = starts(of: file)
        let isLast = name == "wal-00000003.log"
        // In the last segment the mark is the last record; it and the zeros behind it promise
        // nothing.
        let promised = isLast ? starts[starts.count - 2] : file.count
        for bit in 0..<file.count * 8 {
            var flipped = file
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            disk.files[name] = flipped
            if bit / 8 < promised {
                let damage = try #require(damageFound(in: disk), "bit \(bit) of \(name)")
                let expected = name == "identity" ? 0 : starts.last { $0 <= bit / 8 }
                #expect(damage.file == name && damage.offset == expected)
            } else {
                let driver = try Driver(disk)
                #expect(driver.state == state)
                let isMark = bit / 8 < starts[starts.count - 1]
                #expect(driver.opening.commit == LogIndex(isMark ? 1 : 5))
                let torn = try #require(driver.opening.tornTail)
                #expect(torn.file == name)
                let last = try #require(lastNonzero(of: flipped))
                #expect(disk.files[torn.keptIn] == Array(flipped[torn.offset...last]))
            }
            disk.files = before
        }
    }

    @Test func aMissingFileIsDamage() throws {
        let (disk, _) = try DamageTests.makeLog()
        let before = disk.files
        for name in before.keys.sorted() {
            disk.files[name] = nil
            let damage = try #require(damageFound(in: disk))
            #expect(damage.file == name && damage.offset == 0 && damage.reason == .missing)
            disk.files = before
        }
    }

    @Test func aSegmentOfAnotherPlaceOrDiskIsDamage() throws {
        let (disk, _) = try DamageTests.makeLog()
        let before = disk.files
        disk.files["wal-00000002.log"] = before["wal-00000001.log"]
        #expect(damageFound(in: disk)?.reason == .misplacedSegment)

        let other = MemoryDisk()
        var driver = try Driver(other, newDisk: DiskID(7))
        driver.stage([[1]], term: 1)
        try driver.commit()
        other.files["identity"] = before["identity"]
        #expect(damageFound(in: other)?.reason == .misplacedSegment)
    }

    @Test func zeroedAndTruncatedSyncedBytesAreDamage() throws {
        let (disk, _) = try DamageTests.makeLog()
        let before = disk.files
        for name in before.keys.sorted() where name.hasPrefix("wal") {
            let file = try #require(before[name])
            let starts = starts(of: file)
            let isLast = name == "wal-00000003.log"
            for start in starts.dropLast(isLast ? 2 : 1) {
                disk.files[name] = file.overwritten(start..<start + 32) { _ in 0 }
                let damage = try #require(damageFound(in: disk))
                #expect(damage.file == name && damage.offset == start)
            }
            disk.files[name] = Array(file.prefix(SegmentHeader.size - 1))
            #expect(damageFound(in: disk)?.file == name)
            disk.files = before
        }
    }

    @Test func aDamagedSealWithAnEmptySuccessorOnlyRepeatsTheRoll() throws {
        let (disk, state) = try DamageTests.makeLog()
        let second = try #require(disk.files["wal-00000002.log"])
        let third = try #require(disk.files["wal-00000003.log"])
        disk.files["wal-00000003.log"] = third.overwritten(SegmentHeader.size..<third.count) { _ in
            0
        }
        let kept = try recover(disk)
        #expect(kept.entries.count < state.entries.count)
        let starts = starts(of: second)
        let seal = starts[starts.count - 2]
        disk.files["wal-00000002.log"] = second.overwritten(seal..<seal + 1) { ~second[$0] }
        var driver = try Driver(disk)
        #expect(driver.state == kept && disk.files["wal-00000003.log"] == nil)
        driver.stage([[1], [2], [3], [4]], term: 1)
        try driver.commit()
        #expect(try recover(disk) == driver.state)
    }

    /// Records whose checksums are right, and with which no core could start.
    @Test func anEntryOfATermAfterTheServersIsImpossible() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1]], term: 3, hardState: HardState(term: Term(2), vote: node))
        try driver.commit()
        #expect(damageFound(in: disk)?.reason == .impossible)
    }

    @Test func aTermWithoutASuccessorIsImpossible() throws {
        for (term, isFound) in [(UInt64.max, true), (1 << 62, true), (1 << 62 - 1, false)] {
            let disk = MemoryDisk()
            var driver = try Driver(disk)
            driver.stage([], term: 0, hardState: HardState(term: Term(term), vote: nil))
            try driver.commit()
            #expect((damageFound(in: disk)?.reason == .impossible) == isFound, "term \(term)")
        }
    }

    @Test func aRecordCopiedToAnotherPlaceIsNone() throws {
        let (disk, state) = try DamageTests.makeLog()
        let name = "wal-00000003.log"
        let file = try #require(disk.files[name])
        let starts = starts(of: file)
        let end = starts[starts.count - 1]
        disk.files[name] = file.overwritten(end..<end + starts[2] - starts[1]) {
            file[$0 - end + starts[1]]
        }
        let driver = try Driver(disk)
        #expect(driver.state == state && driver.opening.tornTail?.offset == end)
    }

    @Test func textsNameThePlaceAndTheSafeStep() {
        let text = LogFault.damaged(
            Damage(
                file: "wal-00000002.log", offset: 4096, after: LogIndex(41),
                reason: .durableRecordFollows)
        ).description
        #expect(text.contains("wal-00000002.log is damaged at offset 4096, after entry 41"))
        #expect(text.contains("Do not delete it"))
    }
}
