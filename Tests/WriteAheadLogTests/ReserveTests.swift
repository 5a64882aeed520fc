import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// A log whose disk is full lives on what the reserve gives back.
@Suite struct ReserveTests {
    private static let limits = LogLimits(
        segmentBytes: 1024, preallocationBytes: 128, reserveBytes: 512)

    private func begun(_ disk: MemoryDisk) throws(LogFault) -> Driver {
        var driver = try Driver(disk, limits: Self.limits)
        try driver.begin(nonce: 7)
        try driver.log.reclaim()
        return driver
    }

    /// Fills the disk, and the zeros that the log has, up to the batch for which the reserve is given
    /// back.
    private func fill(_ driver: inout Driver, _ disk: MemoryDisk) throws {
        disk.capacity = disk.used
        while !driver.isFull {
            driver.stage([[1, 2, 3]], term: 1)
            try driver.commit()
        }
    }

    @Test func itIsMadeAtTheFirstStartAndKept() throws {
        let disk = MemoryDisk()
        _ = try Driver(disk, limits: Self.limits)
        #expect(disk.files["reserve"] == nil, "an old directory, too, has none")
        let driver = try begun(disk)
        #expect(driver.isFull == false)
        #expect(disk.files["reserve"] == [UInt8](repeating: 0, count: 512))
        disk.restart()
        let operations = disk.operations
        _ = try Driver(disk, limits: Self.limits)
        let opening = disk.operations - operations
        disk.restart()
        _ = try begun(disk)
        // One write and one sync for the start, and nothing for the reserve.
        #expect(disk.operations - operations == opening + 2)
    }

    @Test func aFullDiskTakesTheBatchAndThenTermAndVote() throws {
        let disk = MemoryDisk()
        var driver = try begun(disk)
        try fill(&driver, disk)
        #expect(disk.files["reserve"] == nil)
        // The room that was won holds at least a step of zeros: three records, a mark and a seal.
        for term in 2...UInt64(4) {
            driver.stage([], term: term, hardState: HardState(term: Term(term), vote: node))
            try driver.commit()
        }
        try driver.log.writeMark(commit: LogIndex(1))
        #expect(driver.isFull == true)
        disk.capacity = .max
        #expect(try recover(disk) == driver.state)
    }

    /// The log has gone on to a new segment when there is no space for the batch: the next mark does not
    /// take the place of one in the old segment.
    @Test func aBatchThatIsRefusedAfterARollLeavesNoOldMark() throws {
        let disk = MemoryDisk()
        var driver = try begun(disk)
        driver.stage([[1]], term: 1)
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(1))
        disk.capacity = disk.used + 64
        let synced = driver.state
        driver.stage([[UInt8](repeating: 7, count: 2_000)], term: 1)
        do throws(LogFault) {
            try driver.commit()
            Issue.record("2,000 bytes had room")
        } catch {
            guard case .noSpace = error else { throw error }
        }
        #expect(disk.files["wal-00000002.log"] != nil)
        try driver.log.writeMark(commit: LogIndex(1))
        disk.capacity = .max
        #expect(try recover(disk) == synced)
        try driver.commit()
        #expect(try recover(disk) == driver.state)
    }

    @Test func whatDoesNotFitIntoTheReserveIsRefusedAndStays() throws {
        let disk = MemoryDisk()
        var driver = try begun(disk)
        disk.capacity = disk.used
        let synced = driver.state
        driver.stage([[UInt8](repeating: 7, count: 700)], term: 1)
        for _ in 0..<2 {
            do throws(LogFault) {
                try driver.commit()
                Issue.record("700 bytes went into 512")
            } catch {
                guard case .noSpace = error else { throw error }
            }
            #expect(driver.isFull == true && !driver.batch.isEmpty)
        }
        disk.capacity = .max
        #expect(try recover(disk) == synced)
        try driver.commit()
        #expect(driver.isFull == true, "it is for `reclaim` to say that there is room")
        #expect(try recover(disk) == driver.state)
    }

    @Test func aSegmentEndsAndTheNextBeginsInTheReserve() throws {
        for number in 0..<UInt8(60) {
            let disk = MemoryDisk()
            var driver = try begun(disk)
            for other in 0..<number {
                driver.stage([[other]], term: 1)
                try driver.commit()
            }
            disk.capacity = disk.used
            driver.stage([[UInt8](repeating: 7, count: 100)], term: 1)
            try driver.commit()
            driver.stage([], term: 2, hardState: HardState(term: Term(2), vote: node))
            try driver.commit()
            disk.capacity = .max
            #expect(try recover(disk) == driver.state, "after \(number)")
        }
    }

    @Test func itIsTakenAgainOnceThereIsRoomForMore() throws {
        let disk = MemoryDisk()
        var driver = try begun(disk)
        try fill(&driver, disk)
        var room = 0
        while driver.isFull, room < 4096 {
            disk.capacity = disk.used + room
            try driver.log.reclaim()
            #expect(disk.files["reserve.new"] == nil)
            room += 16
        }
        #expect(driver.isFull == false && disk.files["reserve"]?.count == 512)
        // A step of zeros was had, too: the disk is not full again with the next batch.
        driver.stage([[UInt8](repeating: 1, count: 60)], term: 1)
        try driver.commit()
        #expect(driver.isFull == false)
        // And it serves again.
        try fill(&driver, disk)
        #expect(disk.files["reserve"] == nil)
        disk.capacity = .max
        #expect(try recover(disk) == driver.state)
    }

    @Test func aNodeStartsOnAFullDisk() throws {
        let disk = MemoryDisk()
        var driver = try begun(disk)
        driver.stage([[1], [2]], term: 1)
        try driver.commit()
        disk.restart()
        disk.capacity = disk.used
        // What is at the end of the log is written once more, and kept aside meanwhile.
        var next = try begun(disk)
        #expect(next.isFull == true && disk.files["reserve"] == nil)
        var expected = driver.state
        expected.starts = next.state.starts
        #expect(next.state == expected)
        disk.capacity = .max
        try next.log.reclaim()
        #expect(next.isFull == false)
        #expect(try recover(disk) == next.state)
    }

    /// A life from birth through a full disk and back. Returns what a crash may leave.
    private func live(on disk: MemoryDisk) -> [LogState] {
        var states = [LogState()]
        do throws(LogFault) {
            var driver = try Driver(disk, limits: Self.limits)
            defer { states = driver.states }
            try driver.begin(nonce: 7)
            try driver.log.reclaim()
            disk.capacity = disk.used
            for term in 1...UInt64(6) {
                driver.stage(
                    [[UInt8](repeating: 1, count: 30)], term: term,
                    hardState: HardState(term: Term(term), vote: node))
                try driver.commit()
            }
            try driver.log.reclaim()
            disk.capacity = .max
            try driver.log.reclaim()
            driver.stage([[3]], term: 6)
            try driver.commit()
        } catch {
            // The power is off.
        }
        return states
    }

    @Test func everyCrashOnAFullDiskLeavesWhatWasSynced() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        #expect(whole.files["reserve"] != nil && whole.files["reserve.new"] == nil)
        for operation in 0...whole.operations {
            for seed in 0..<UInt64(20) {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                let states = live(on: disk)
                var random = RandomSource(seed: seed &* 1000 &+ UInt64(operation))
                disk.cutPower(&random)
                let state = try recover(disk)
                #expect(states.contains(state), "operation \(operation), seed \(seed)")
                var driver = try Driver(disk, limits: Self.limits)
                try driver.begin(nonce: 8)
                try driver.log.reclaim()
                #expect(driver.isFull == false && disk.files["reserve"]?.count == 512)
            }
        }
    }
}
