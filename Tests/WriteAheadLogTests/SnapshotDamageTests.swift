import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// Damage to a directory whose log begins behind a snapshot.
@Suite struct SnapshotDamageTests {
    private static let first = SnapshotDirectory.fileName(LogIndex(4))
    private static let second = SnapshotDirectory.fileName(LogIndex(6))

    /// An idle log of several segments with heads, the first ones dropped, with snapshots at 4 and 6 and
    /// entries up to 8.
    private static func makeLog(drops: Bool = true) throws -> (MemoryDisk, LogState) {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .founded(record))
        driver.stageLevel(term: 1)
        try driver.commit()
        for number in 2...UInt8(8) {
            driver.stage([[number, 1, 2, 3]], term: UInt64(number) / 2)
            try driver.commit()
            if number == 4 || number == 6 {
                let through = try driver.save(Int(number))
                if drops { try driver.log.dropSegments(through: through) }
            }
        }
        try driver.log.writeMark(commit: LogIndex(7))
        disk.settle()
        return (disk, driver.state)
    }

    private static func segments(_ disk: MemoryDisk) -> [String] {
        disk.files.keys.filter { SegmentHeader.number(ofFile: $0) != nil }.sorted()
    }

    @Test func everyFlippedBitOfTheLogIsFoundOrHarmless() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let before = disk.files
        let names = SnapshotDamageTests.segments(disk)
        #expect(names.count > 2 && !names.contains("wal-00000001.log"))
        #expect(names.allSatisfy { headBase(of: before[$0]!) != nil })
        for name in names + ["identity"] {
            let file = try #require(before[name])
            let starts = starts(of: file)
            let isLast = name == names.last
            let promised = isLast ? starts[starts.count - 2] : file.count
            for bit in 0..<file.count * 8 {
                var flipped = file
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                disk.files[name] = flipped
                if bit / 8 < promised {
                    let damage = try #require(damageFound(in: disk), "bit \(bit) of \(name)")
                    let expected = name == "identity" ? 0 : starts.last { $0 <= bit / 8 }
                    #expect(damage.file == name && damage.offset == expected, "bit \(bit)")
                } else {
                    #expect(try recover(disk) == state)
                }
                disk.files = before
            }
        }
    }

    @Test func aDamagedNewestSnapshotFallsBackToTheOneBefore() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let before = disk.files
        let file = try #require(before[SnapshotDamageTests.second])
        for bit in 0..<file.count * 8 {
            var flipped = file
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            disk.files[SnapshotDamageTests.second] = flipped
            var driver = try Driver(disk)
            #expect(driver.state == state && driver.tail.base.index == LogIndex(4))
            let name = try #require(driver.opening.setAside.first)
            #expect(name == "snapshot-00000000000000000006.damaged")
            #expect(driver.opening.setAside.count == 1 && disk.files[name] == flipped)
            #expect(disk.files[SnapshotDamageTests.second] == nil)
            guard bit % 97 == 0 else {
                disk.files = before
                continue
            }
            // The next snapshots take its place.
            #expect(try driver.save(7) == LogIndex(4))
            #expect(try driver.save(8) == LogIndex(7))
            let again = try Driver(disk)
            #expect(again.state == state && again.tail.base.index == LogIndex(8))
            disk.files = before
        }
    }

    @Test func aDamagedOlderSnapshotIsNotRead() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        disk.files[SnapshotDamageTests.first] = [1, 2, 3]
        let driver = try Driver(disk)
        #expect(driver.state == state && driver.opening.setAside.isEmpty)
    }

    @Test func withoutASnapshotThatReachesTheLogTheNodeIsRefused() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let before = disk.files
        disk.files[SnapshotDamageTests.first] = [1, 2, 3]
        disk.files[SnapshotDamageTests.second] = Array(
            before[SnapshotDamageTests.second]!.dropLast())
        var damage = try #require(damageFound(in: disk))
        #expect(damage.file == SnapshotDamageTests.second && damage.reason == .snapshot)
        // Missing is not damaged, and the log's beginning is missed.
        disk.files[SnapshotDamageTests.second] = nil
        damage = try #require(damageFound(in: disk))
        #expect(damage.file == SnapshotDamageTests.first && damage.reason == .snapshot)
        disk.files[SnapshotDamageTests.first] = nil
        damage = try #require(damageFound(in: disk))
        let base = headBase(of: disk.files[SnapshotDamageTests.segments(disk)[0]]!)!
        #expect(damage.file == SnapshotDirectory.fileName(base) && damage.reason == .missing)
        // One that is missing is made up for by the other.
        disk.files = before
        disk.files[SnapshotDamageTests.second] = nil
        #expect(try recover(disk) == state)
    }

    @Test func aWholeLogNeedsNoSnapshot() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog(drops: false)
        disk.files[SnapshotDamageTests.first]![50] ^= 1
        disk.files[SnapshotDamageTests.second]![50] ^= 1
        let driver = try Driver(disk)
        #expect(driver.state == state && driver.tail.base == .zero)
        #expect(driver.opening.setAside.count == 2)
    }

    @Test func aDamagedSnapshotBeyondTheLogsEndIsMissed() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        // It was saved before the log came so far, or was a leader's: nothing here makes up for it.
        var more = state
        more.entries.append(LogState.Entry(term: Term(4), kind: .command, payload: [1]))
        var bytes = more.snapshot(9).encoded
        bytes[45] ^= 4
        let name = SnapshotDirectory.fileName(LogIndex(9))
        disk.files[name] = bytes
        let damage = try #require(damageFound(in: disk))
        #expect(damage.file == name && damage.reason == .snapshot && damage.after == LogIndex(8))
    }

    @Test func aMissingSegmentInTheMiddleIsDamage() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let before = disk.files
        let names = SnapshotDamageTests.segments(disk)
        for name in names.dropFirst() {
            disk.files[name] = nil
            let damage = try #require(damageFound(in: disk))
            #expect(damage.file == name && damage.reason == .missing)
            disk.files = before
        }
        // What a snapshot holds is not missed: so segments are dropped.
        let bases = names.map { headBase(of: before[$0]!)! }
        for (name, base) in zip(names, bases.dropFirst()) {
            disk.files[name] = nil
            if base <= LogIndex(6) {
                #expect(try recover(disk) == state)
            } else {
                let damage = try #require(damageFound(in: disk))
                #expect(damage.file == name && damage.reason == .missing)
            }
            if base > LogIndex(6) { break }
        }
    }

    @Test func aSnapshotOfAnotherClusterOrPastIsRefused() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let name = SnapshotDirectory.fileName(LogIndex(7))
        var other = state
        other.founding = .founded(
            FoundingRecord(
                cluster: cluster, members: [FoundingRecord.Member(node: node, disk: DiskID(5))])!)
        disk.files[name] = other.snapshot(7).encoded
        #expect(damageFound(in: disk)?.reason == .foreignSnapshot)
        // The mark says that entry 7 is committed, and it is of term 3.
        other = state
        other.entries[6].term = Term(4)
        disk.files[name] = other.snapshot(7).encoded
        #expect(damageFound(in: disk)?.reason == .foreignSnapshot)
        disk.files[name] = state.snapshot(7).encoded
        #expect(try recover(disk) == state)
    }

    @Test func whatANewerVersionWroteIsToldFromDamage() throws {
        let (disk, state) = try SnapshotDamageTests.makeLog()
        let before = disk.files
        let name = SnapshotDamageTests.second
        func put(_ bytes: [UInt8]) {
            var writer = ByteWriter(appendingTo: bytes)
            writer.overwrite(FormatVersion.checksum(of: bytes), at: FormatVersion.checksumOffset)
            disk.files = before
            disk.files[name] = writer.bytes
        }
        var bytes = before[name]!
        bytes[8] = 2
        put(bytes)
        #expect(throws: LogFault.newer(file: name, offset: 8)) { try recover(disk) }
        bytes = before[name]!
        bytes[32] = 3
        put(bytes)
        let fault = LogFault.newerLevel(FeatureLevel(3), file: name)
        #expect(throws: fault) { try recover(disk) }
        #expect(fault.exitCode == 65)
        #expect(
            fault.description.hasPrefix(
                "\(name) needs a version of tally with feature level 3; this one has 2. "))
        disk.files = before
        #expect(try recover(disk) == state)
    }

    @Test func anEntryOfANewerLevelAsksForANewerProgram() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[3, 0]], term: 1, kind: .featureLevel)
        try driver.commit()
        let fault = LogFault.newerLevel(FeatureLevel(3), file: "wal-00000001.log")
        #expect(throws: fault) { try recover(disk) }

        let other = MemoryDisk()
        var third = try Driver(other)
        third.stage([[3, 0, 0]], term: 1, kind: .featureLevel)
        try third.commit()
        #expect(damageFound(in: other)?.reason == .impossible)
    }
}

extension SnapshotDamageTests {
    /// Numbers from the disk are bounded, so that none of ours overflows.
    @Test func aHeadOfImpossibleNumbersIsDamage() throws {
        func disk(number: UInt64, start: UInt64, last: UInt64, starts: UInt64) -> MemoryDisk {
            var head = SegmentHead()
            head.hardState = HardState(term: Term(1), vote: nil)
            head.last = EntryID(index: LogIndex(last), term: Term(1))
            head.starts = StartHistory(count: starts, nonces: [7])!
            var records = head.batch
            records.finish(at: LogPosition(start + 64), durable: .zero)
            let header = SegmentHeader(
                number: number, start: LogPosition(start), disk: firstDisk,
                headLength: records.count)
            let disk = MemoryDisk()
            disk.files = [
                "identity":
                    DirectoryIdentity(cluster: cluster, node: node, disk: firstDisk).encoded,
                SegmentHeader.fileName(number): header.encoded + records.bytes,
            ]
            return disk
        }
        let limit: UInt64 = 1 << 62
        for (number, start, reason) in [
            (UInt64.max, 64, Damage.Reason.misplacedSegment), (limit, 64, .misplacedSegment),
            (3, UInt64.max - 1000, .misplacedSegment), (3, limit, .misplacedSegment),
        ] as [(UInt64, UInt64, Damage.Reason)] {
            let found = damageFound(in: disk(number: number, start: start, last: 4, starts: 2))
            #expect(found?.reason == reason, "segment \(number) at \(start)")
        }
        for (last, starts) in [(limit, 2), (UInt64.max, 2), (4, limit), (4, UInt64.max)] {
            let found = damageFound(in: disk(number: 3, start: 64, last: last, starts: starts))
            #expect(found?.reason == .impossible, "entry \(last), start \(starts)")
        }
        // The same head with small numbers lacks its snapshot, and nothing else.
        let found = damageFound(in: disk(number: 3, start: 64, last: 4, starts: 2))
        #expect(found?.file == SnapshotDirectory.fileName(LogIndex(4)))
    }
}
