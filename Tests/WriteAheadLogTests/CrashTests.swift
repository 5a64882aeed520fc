import Primitives
import Raft
import Testing

@testable import WriteAheadLog

@Suite struct CrashTests {
    /// A life of a log, from birth through two rolls, which ends where the disk does. Returns the
    /// states that a crash may leave: synced, or with any first part of the last batch.
    private func live(on disk: MemoryDisk) -> [LogState] {
        var states = [LogState()]
        do throws(LogFault) {
            var driver = try Driver(disk)
            func judge(_ work: (inout Driver) throws(LogFault) -> Void) throws(LogFault) {
                defer { states = driver.states }
                try work(&driver)
            }
            try judge { (driver) throws(LogFault) in
                driver.stage(founding: .pledged(record))
                try driver.commit()
            }
            for number in 1...UInt8(5) {
                try judge { (driver) throws(LogFault) in
                    driver.stage(
                        [[number], [number, 2]], term: UInt64(number),
                        from: LogIndex(UInt64(number)),
                        hardState: HardState(term: Term(UInt64(number)), vote: node))
                    try driver.commit()
                }
                if number % 2 == 0 {
                    try judge { (driver) throws(LogFault) in
                        try driver.log.writeMark(commit: LogIndex(UInt64(number)))
                    }
                }
            }
        } catch {
            // The power is off.
        }
        return states
    }

    @Test func everyCrashOfALifeLeavesWhatWasSynced() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        #expect(whole.files["wal-00000003.log"] != nil)
        for operation in 0...whole.operations {
            for seed in 0..<UInt64(40) {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                let states = live(on: disk)
                var random = RandomSource(seed: seed &* 1000 &+ UInt64(operation))
                disk.cutPower(&random)
                let state = try recover(disk)
                #expect(states.contains(state), "operation \(operation), seed \(seed)")
                disk.cutPower(&random)
                #expect(try recover(disk) == state)
            }
        }
    }

    @Test func aKilledProcessLeavesWhatTheNextOneMayBuildOn() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        for operation in 0...whole.operations {
            for seed in 0..<UInt64(16) {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                let states = live(on: disk)
                disk.restart()
                var driver = try Driver(disk)
                #expect(states.contains(driver.state) && driver.opening.tornTail == nil)
                driver.stage([[7]], term: 9)
                try driver.commit()
                // What the killed process left unsynced is claimed to be durable by now.
                var random = RandomSource(seed: seed &* 1000 &+ UInt64(operation))
                disk.cutPower(&random)
                #expect(try recover(disk) == driver.state, "operation \(operation)")
            }
        }
    }

    @Test func everyByteOfALifeMayBeTheLast() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        var (batches, others) = (0, 0)
        for operation in 0..<whole.operations {
            var (count, length) = (0, 0)
            while count <= length {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                disk.bytesOfTheLastWrite = count
                let states = live(on: disk)
                guard let write = disk.interruptedWrite else { break }
                length = write.count
                let records = wholeRecords(of: write, in: count)
                disk.restart()
                let state = try recover(disk)
                #expect(
                    state == states[records ?? 0], "operation \(operation), \(count) bytes")
                var random = RandomSource(seed: UInt64(operation * 1000 + count))
                disk.cutPower(&random)
                #expect(try recover(disk) == state)
                if records == nil { others += 1 } else { batches += 1 }
                count += 1
            }
        }
        #expect(batches > 500 && others > 1000)
    }

    /// A disk whose power failed in the write of a batch of two entries, after the first of them; and
    /// what is to be recovered from it.
    private func diskWithAHalfWrittenBatch() throws -> (disk: MemoryDisk, state: LogState) {
        for operation in 0... {
            let disk = MemoryDisk()
            var driver = try Driver(disk)
            driver.stage([[1]], term: 1)
            try driver.commit()
            driver.stage([[2], [3, 3, 3]], term: 1)
            // Another write, which makes room for the batch, may come before its own.
            disk.powerFailsAfter = disk.operations + operation
            disk.bytesOfTheLastWrite = 70
            #expect(throws: LogFault.self) { try driver.commit() }
            if let write = disk.interruptedWrite, wholeRecords(of: write, in: 70) == 1 {
                return (disk, driver.states[1])
            }
        }
        preconditionFailure("no write holds the batch")
    }

    @Test func everyByteOfARecoveryMayBeTheLast() throws {
        let (disk, state) = try diskWithAHalfWrittenBatch()
        disk.restart()
        let crashed = disk.files
        let expected = try recover(disk)
        #expect(expected == state)
        let (log, steps) = (disk.filesOfTheLog, disk.operations)
        let kept = try #require(disk.files.first { $0.key.hasPrefix("torn") }?.value)
        var interrupted = 0
        for step in 0..<steps {
            var (count, length) = (0, 0)
            while count <= length {
                disk.files = crashed
                disk.restart()
                disk.powerFailsAfter = step
                disk.bytesOfTheLastWrite = count
                #expect(throws: LogFault.self) { try recover(disk) }
                length = disk.interruptedWrite?.count ?? 0
                var random = RandomSource(seed: UInt64(step * 1000 + count))
                if count % 2 == 0 { disk.cutPower(&random) } else { disk.restart() }
                #expect(try recover(disk) == expected, "step \(step), \(count) bytes")
                #expect(disk.filesOfTheLog == log)
                #expect(disk.files.values.contains(kept))
                interrupted += 1
                count += 1
            }
        }
        #expect(interrupted > 2 * kept.count)
    }

    @Test func everyCrashOfRecoveryLeadsToTheSameState() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        var interrupted = 0
        for operation in 0..<whole.operations {
            let seed = UInt64(operation)
            var random = RandomSource(seed: seed)
            let disk = MemoryDisk()
            disk.powerFailsAfter = operation
            _ = live(on: disk)
            disk.cutPower(&random)
            let crashed = disk.files
            let expected = try recover(disk)
            let (log, steps) = (disk.filesOfTheLog, disk.operations)
            let kept = disk.files.first { $0.key.hasPrefix("torn") }?.value
            for step in 0..<steps {
                for _ in 0..<4 {
                    disk.files = crashed
                    disk.restart()
                    disk.powerFailsAfter = step
                    #expect(throws: LogFault.self) { try recover(disk) }
                    disk.cutPower(&random)
                    #expect(try recover(disk) == expected, "operation \(operation), step \(step)")
                    // The log is the same byte for byte, unless its birth began again.
                    if crashed["identity"] != nil { #expect(disk.filesOfTheLog == log) }
                    if let kept { #expect(disk.files.values.contains(kept)) }
                    interrupted += 1
                }
            }
        }
        #expect(interrupted > 100)
    }

    /// A life in which every batch follows a mark, and segments have heads: those prove that the mark before
    /// them was durable. Ends where the disk does.
    private func liveWithMarks(on disk: MemoryDisk) {
        do throws(LogFault) {
            var driver = try Driver(disk)
            driver.stageLevel(term: 1)
            try driver.commit()
            for number in 1...UInt8(40) {
                try driver.log.writeMark(commit: driver.tail.lastIndex)
                driver.stage([[number]], term: 1)
                try driver.commit()
            }
        } catch {
            // The power is off.
        }
    }

    @Test func aMarkIsThereInTheEndThoughRollAndRecoveryCrash() throws {
        let whole = MemoryDisk()
        liveWithMarks(on: whole)
        #expect(whole.files["wal-00000003.log"] != nil)
        for operation in 0..<whole.operations {
            var random = RandomSource(seed: UInt64(operation))
            let disk = MemoryDisk()
            disk.powerFailsAfter = operation
            liveWithMarks(on: disk)
            disk.cutPower(&random)
            let crashed = disk.files
            // Before there is an identity there are no records.
            if crashed["identity"] == nil { continue }
            let expected = try recover(disk)
            for step in 0..<disk.operations {
                for _ in 0..<4 {
                    disk.files = crashed
                    disk.restart()
                    disk.powerFailsAfter = step
                    #expect(throws: LogFault.self) { try recover(disk) }
                    disk.cutPower(&random, shears: true)
                    #expect(try recover(disk) == expected, "operation \(operation), step \(step)")
                }
            }
        }
    }

    @Test(arguments: 0..<UInt64(60))
    func aRandomLifeFollowsTheModel(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        var noted = LogIndex.zero
        var committed = LogIndex.zero
        for _ in 0..<60 {
            switch random.below(10) {
            case 0:
                // Killed with a batch written: all of it is there.
                randomBatch(&driver, above: committed, &random)
                try driver.flush()
                let state = driver.state
                driver = try Driver(disk)
                #expect(driver.state == state && driver.opening.commit == noted)
                #expect(driver.opening.tornTail == nil)
            case 1, 2:
                // A power cut at any operation of a batch.
                randomBatch(&driver, above: committed, &random)
                disk.powerFailsAfter = disk.operations + random.below(3)
                do throws(LogFault) { try driver.commit() } catch { #expect(error.exitCode == 74) }
                let states = driver.states
                disk.cutPower(&random)
                driver = try Driver(disk)
                #expect(states.contains(driver.state))
                #expect(driver.opening.commit <= noted)
                noted = driver.opening.commit
            case 3, 4:
                let open = Int(driver.tail.lastIndex.number - committed.number)
                committed = committed.advanced(by: random.below(open + 1))
                try driver.log.writeMark(commit: committed)
                noted = committed
            default:
                randomBatch(&driver, above: committed, &random)
                try driver.commit()
            }
        }
    }

    /// Stages a hard state, entries that may replace some above `committed`, or both.
    private func randomBatch(
        _ driver: inout Driver, above committed: LogIndex, _ random: inout RandomSource
    ) {
        let newest = max(driver.state.hardState.term.number, driver.tail.last.term.number)
        let term = newest + UInt64(random.below(2))
        let state = HardState(term: Term(term), vote: random.chance(1, in: 2) ? node : nil)
        let open = Int(driver.tail.lastIndex.number - committed.number)
        let first = driver.tail.lastIndex.number + 1 - UInt64(random.below(min(open, 3) + 1))
        let payloads = (0..<random.below(5)).map { _ in
            (0..<random.below(30)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        driver.stage(
            payloads, term: term, from: payloads.isEmpty ? nil : LogIndex(first),
            hardState: payloads.isEmpty || random.chance(1, in: 3) ? state : nil)
    }
}
