import Primitives
import Raft
import Testing

@testable import WriteAheadLog

@Suite struct TornTailTests {
    private static let limits = LogLimits(segmentBytes: 1024, preallocationBytes: 128)
    private static let segment = "wal-00000001.log"

    /// A log with one synced batch, and the bytes of a second batch that is not.
    private struct Torn {
        let disk = MemoryDisk()
        /// The files before the second batch, and the segment with it.
        let before: [String: [UInt8]]
        let written: [UInt8]
        /// Where the second batch lies.
        let batch: Range<Int>
        /// The states after the synced batch and after each record of the second.
        let states: [LogState]

        init(marked: Bool) throws {
            var driver = try Driver(disk, limits: TornTailTests.limits)
            driver.stage([[1], [2, 3]], term: 1, hardState: HardState(term: Term(1), vote: node))
            try driver.commit()
            if marked { try driver.log.writeMark(commit: LogIndex(2)) }
            let start = Int(driver.log.position.bytes)
            driver.stage(
                [[4, 4], [UInt8](repeating: 0xAB, count: 70), [], [9]], term: 2,
                from: LogIndex(2), hardState: HardState(term: Term(2), vote: nil))
            disk.settle()
            // Zeros for the batch are there before it is.
            let zeros = [UInt8](repeating: 0, count: 1024)
            try driver.flush()
            written = disk.files[TornTailTests.segment]!
            batch = start..<Int(driver.log.position.bytes)
            var files = disk.files
            files[TornTailTests.segment] = written.overwritten(batch) { zeros[$0] }
            before = files
            states = driver.states
        }

        /// Opens the log with these bytes in its segment and holds it against the states; then does
        /// it again, and once more behind another batch.
        func check(_ bytes: [UInt8]) throws {
            disk.files = before
            disk.files[TornTailTests.segment] = bytes
            let first = try Driver(disk, limits: TornTailTests.limits)
            let state = first.state
            #expect(states.contains(state))
            let end = Int(first.log.position.bytes)
            let last = try #require(lastNonzero(of: bytes))
            if last >= end {
                let torn = try #require(first.opening.tornTail)
                #expect(torn.offset == end && torn.count == last - end + 1)
                #expect(disk.files[torn.keptIn] == Array(bytes[end...last]))
            } else {
                #expect(first.opening.tornTail == nil)
            }
            let cleared = disk.files
            var second = try Driver(disk, limits: TornTailTests.limits)
            #expect(second.state == state && second.opening.tornTail == nil)
            #expect(disk.files == cleared)
            // Whatever verified in the torn batch must not come back behind a short one.
            second.stage([], term: 3, hardState: HardState(term: Term(3), vote: node))
            try second.commit()
            #expect(try recover(disk) == second.state)
        }
    }

    @Test(arguments: [false, true])
    func aBatchCutAtAnyByteIsCutOff(marked: Bool) throws {
        let torn = try Torn(marked: marked)
        var random = RandomSource(seed: 11)
        for cut in torn.batch.lowerBound...torn.batch.upperBound {
            let rest = cut..<torn.written.count
            try torn.check(torn.written.overwritten(rest) { _ in 0 })
            try torn.check(
                torn.written.overwritten(rest) { _ in UInt8(truncatingIfNeeded: random.next()) })
            try torn.check(Array(torn.written.prefix(cut)))
        }
    }

    @Test(arguments: [false, true])
    func anySectorsOfABatchMayBeMissing(marked: Bool) throws {
        let torn = try Torn(marked: marked)
        var random = RandomSource(seed: 12)
        let sector = MemoryDisk.sectorSize
        let sectors = torn.batch.lowerBound / sector...(torn.batch.upperBound - 1) / sector
        #expect(sectors.count >= 5)
        for subset in 0..<(1 << sectors.count) {
            var zeroed = torn.written
            var garbage = torn.written
            for (bit, number) in sectors.enumerated() where subset >> bit & 1 == 1 {
                let range = (number * sector..<(number + 1) * sector).clamped(to: torn.batch)
                zeroed = zeroed.overwritten(range) { _ in 0 }
                garbage = garbage.overwritten(range) { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            }
            try torn.check(zeroed)
            try torn.check(garbage)
        }
    }

    @Test func theSameCutTwiceKeepsBoth() throws {
        let torn = try Torn(marked: false)
        let cut = torn.batch.lowerBound
        for fill in [UInt8(1), 2] {
            torn.disk.files[TornTailTests.segment] =
                torn.written.overwritten(cut..<torn.written.count) { _ in fill }
            _ = try recover(torn.disk)
        }
        let kept = torn.disk.files.filter { $0.key.hasPrefix("torn") }
        #expect(
            kept.keys.sorted() == [
                "torn-00000001-\(cut)-2.bin", "torn-00000001-\(cut).bin",
            ])
        #expect(kept.values.allSatisfy { $0.count == torn.written.count - cut })
    }

    @Test func damageBeforeATornTailIsStillDamage() throws {
        let torn = try Torn(marked: false)
        // The second batch's records say that the first one was synced.
        for offset in SegmentHeader.size..<torn.batch.lowerBound {
            torn.disk.files[TornTailTests.segment] =
                torn.written.overwritten(offset..<offset + 1) { ~torn.written[$0] }
            #expect(damageFound(in: torn.disk)?.file == TornTailTests.segment)
        }
    }

    @Test func aFlippedByteOfABatchWithoutAMarkCutsIt() throws {
        // The window that docs/disk-format.md names: nothing here says that the batch was synced.
        let torn = try Torn(marked: false)
        var ends = [torn.batch.lowerBound]
        while let record = RecordHeader(torn.written.span, at: ends[ends.count - 1]),
            record.kind != 0
        {
            ends.append(ends[ends.count - 1] + record.recordSize)
        }
        #expect(ends.count == torn.states.count && ends.last == torn.batch.upperBound)
        for offset in torn.batch.lowerBound..<torn.written.count {
            try torn.check(
                torn.written.overwritten(offset..<offset + 1) { ~torn.written[$0] })
            let records = ends.count { $0 <= offset } - 1
            torn.disk.files = torn.before
            torn.disk.files[TornTailTests.segment] =
                torn.written.overwritten(offset..<offset + 1) { ~torn.written[$0] }
            #expect(try recover(torn.disk) == torn.states[records], "offset \(offset)")
        }
    }

    @Test func aTailMadeToBeSearchedForEverIsRefused() throws {
        let torn = try Torn(marked: false)
        // Every place claims a record to the end of the file, behind synced bytes.
        var writer = ByteWriter(
            appendingTo: Array(torn.written.prefix(torn.batch.lowerBound + 8)))
        while writer.count < 8192 {
            let position = UInt64(writer.count)
            writer.write(UInt64(8192 - 32 - position % 8192) << 40 | 2 << 32)
            writer.write(UInt64(0))
            writer.write(UInt64(0))
            writer.write(position)
        }
        torn.disk.files[TornTailTests.segment] = writer.bytes
        #expect(damageFound(in: torn.disk)?.reason == .unclear)
    }

    @Test func aTornTailThatLooksLikeAnEndlessRecordIsCut() throws {
        let torn = try Torn(marked: false)
        // Torn bytes that a short search takes for a record's head: durable just before itself,
        // and a length far beyond the file.
        var writer = ByteWriter(
            appendingTo: Array(torn.written.prefix(torn.batch.lowerBound)))
        writer.write(UInt64(1))
        let position = UInt64(writer.count)
        writer.write(UInt64(0xFFFF_FF02) << 32)
        writer.write(UInt64(0))
        writer.write(UInt64(0))
        writer.write(position)
        writer.write([UInt8](repeating: 0, count: torn.written.count - writer.count))
        try torn.check(writer.bytes)
    }
}
