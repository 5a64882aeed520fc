import Effort
import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// A log whose beginning goes as snapshots are saved, and crashes at every step and every byte of it.
@Suite struct SnapshotCrashTests {
    /// A life of a node: starts, snapshots of its own with segments dropped behind them, a snapshot from
    /// a leader beyond the log's end and one that the log contradicts, and what follows each. It ends
    /// where the disk does. Returns the states that a crash may leave.
    private func live(on disk: MemoryDisk) -> [LogState] {
        var states = [LogState()]
        do throws(LogFault) {
            var driver = try Driver(disk)
            func judge(_ work: (inout Driver) throws(LogFault) -> Void) throws(LogFault) {
                defer { states = driver.states }
                try work(&driver)
            }
            try judge { (driver) throws(LogFault) in try driver.begin(nonce: 5) }
            try judge { (driver) throws(LogFault) in
                driver.stage(founding: .founded(record))
                driver.stage(peerStart: peer)
                try driver.commit()
            }
            try judge { (driver) throws(LogFault) in
                driver.stageLevel(term: 1)
                try driver.commit()
            }
            for number in 2...UInt8(6) {
                try judge { (driver) throws(LogFault) in try go(on: &driver, number) }
            }
            try judge { (driver) throws(LogFault) in
                let through = try driver.install(entries(14, term: 20), term: 20)
                try driver.commit()
                try driver.log.dropSegments(through: through)
            }
            try judge { (driver) throws(LogFault) in
                driver.stage([[1], [2], [3]], term: 20)
                try driver.commit()
            }
            try judge { (driver) throws(LogFault) in
                _ = try driver.install(entries(15, term: 21), term: 22)
                driver.stage([[7]], term: 22)
                try driver.commit()
            }
            for number in 23...UInt8(24) {
                try judge { (driver) throws(LogFault) in try go(on: &driver, number) }
            }
        } catch {
            // The power is off.
        }
        return states
    }

    private var peer: PeerStart {
        PeerStart(node: NodeID("n2")!, disk: DiskID(2), start: Start(number: 1, nonce: 9))
    }

    /// Two entries, a mark, a snapshot of all but the last entry, and the segments that it makes void.
    private func go(on driver: inout Driver, _ number: UInt8) throws(LogFault) {
        driver.stage([[number], [number, 2]], term: UInt64(number))
        try driver.commit()
        let count = driver.state.entries.count - 1
        try driver.log.writeMark(commit: LogIndex(UInt64(count)))
        let through = try driver.save(count)
        try driver.log.dropSegments(through: through)
    }

    private func entries(_ count: Int, term: UInt64) -> [LogState.Entry] {
        let level = LogState.Entry(
            term: Term(1), kind: .featureLevel, payload: FeatureLevel.current.payload)
        return [level]
            + (1..<count).map {
                LogState.Entry(term: Term(term), kind: .command, payload: [UInt8($0), 9])
            }
    }

    @Test func aLifeDropsWhatItNoLongerNeeds() throws {
        let disk = MemoryDisk()
        let states = live(on: disk)
        #expect(states.count == 1 && states[0].entries.count == 20)
        #expect(try recover(disk) == states[0])
        #expect(states[0].starts.count == 1 && states[0].peerStarts == [peer])
        let names = disk.files.keys
        #expect(names.count { $0.hasPrefix("snapshot-") } == 2)
        let segments = names.compactMap { SegmentHeader.number(ofFile: $0) }.sorted()
        #expect(segments[0] > 3 && segments.count <= 4, "\(segments)")
    }

    @Test func everyCrashLeavesWhatWasSynced() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        for operation in 0...whole.operations {
            for seed in 0..<UInt64(12) {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                let states = live(on: disk)
                var random = RandomSource(seed: seed &* 1000 &+ UInt64(operation))
                disk.cutPower(&random, shears: seed % 3 == 0)
                let state = try recover(disk)
                #expect(states.contains(state), "operation \(operation), seed \(seed)")
                // What it made of it is what is there, and is built upon.
                disk.cutPower(&random)
                var driver = try Driver(disk)
                #expect(driver.state == state)
                driver.stage([[1], [2], [3]], term: 40)
                try driver.commit()
                disk.cutPower(&random)
                #expect(try recover(disk) == driver.state, "operation \(operation), seed \(seed)")
            }
        }
    }

    @Test func everyByteMayBeTheLast() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        var interrupted = 0
        for operation in 0..<whole.operations {
            var (count, length) = (0, 0)
            while count <= length {
                let disk = MemoryDisk()
                disk.powerFailsAfter = operation
                disk.bytesOfTheLastWrite = count
                let states = live(on: disk)
                guard let write = disk.interruptedWrite else { break }
                length = write.count
                disk.restart()
                let state = try recover(disk)
                if let records = wholeRecords(of: write, in: count) {
                    #expect(state == states[records], "operation \(operation), \(count) bytes")
                } else {
                    // Under its name a snapshot counts, and not before.
                    #expect(state == states[0], "operation \(operation), \(count) bytes")
                }
                var random = RandomSource(seed: UInt64(operation * 1000 + count))
                disk.cutPower(&random)
                #expect(try recover(disk) == state)
                interrupted += 1
                // Zeros written ahead are the same byte over and over.
                count +=
                    write.span.lastNonzero(in: 0..<length).map { count <= $0 } ?? false ? 1 : 16
            }
        }
        #expect(interrupted > 3000)
    }

    @Test func everyCrashOfARecoveryLeadsToTheSameState() throws {
        let whole = MemoryDisk()
        _ = live(on: whole)
        var interrupted = 0
        for operation in stride(from: 0, to: whole.operations, by: 2) {
            var random = RandomSource(seed: UInt64(operation))
            let disk = MemoryDisk()
            disk.powerFailsAfter = operation
            _ = live(on: disk)
            disk.cutPower(&random)
            let crashed = disk.files
            let expected = try recover(disk)
            let steps = disk.operations
            for step in 0..<steps {
                disk.files = crashed
                disk.restart()
                disk.powerFailsAfter = step
                #expect(throws: LogFault.self) { try recover(disk) }
                disk.cutPower(&random)
                #expect(try recover(disk) == expected, "operation \(operation), step \(step)")
                interrupted += 1
            }
        }
        #expect(interrupted > 200)
    }

    @Test(arguments: 0..<UInt64(20 * effort))
    func aRandomLifeFollowsTheModel(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .founded(record))
        driver.stageLevel(term: 1)
        try driver.commit()
        var committed = 1
        var (drops, cuts) = (0, 0)
        for _ in 0..<80 {
            let states: [LogState]
            disk.powerFailsAfter = random.chance(1, in: 3) ? disk.operations + random.below(8) : nil
            do throws(LogFault) {
                try step(&driver, &committed, &drops, &random)
                states = [driver.state]
            } catch {
                #expect(error.exitCode == 74)
                states = driver.states
            }
            guard disk.isOff || random.chance(1, in: 8) else {
                disk.powerFailsAfter = nil
                continue
            }
            cuts += 1
            disk.cutPower(&random)
            driver = try Driver(disk)
            #expect(states.contains(driver.state), "seed \(seed)")
            committed = max(committed, Int(driver.opening.commit.number))
        }
        #expect(drops > 0 && cuts > 5)
    }

    private func step(
        _ driver: inout Driver, _ committed: inout Int, _ drops: inout Int,
        _ random: inout RandomSource
    ) throws(LogFault) {
        let length = driver.state.entries.count
        let newest = driver.state.hardState.term.number
        switch random.below(8) {
        case 0:
            committed += random.below(length - committed + 1)
            try driver.log.writeMark(commit: LogIndex(UInt64(committed)))
        case 1, 2:
            let through = try driver.save(committed)
            let before = driver.log.bytesOnDisk
            try driver.log.dropSegments(through: through)
            if driver.log.bytesOnDisk < before { drops += 1 }
        case 3:
            // What is committed stays; the rest of the leader's log is another one.
            let more = 1 + random.below(6)
            let entries =
                driver.state.entries[..<committed]
                + (0..<more).map {
                    LogState.Entry(
                        term: Term(newest + 1), kind: .command, payload: [UInt8($0), 8])
                }
            _ = try driver.install(Array(entries), term: newest + 1)
            committed = entries.count
            if random.chance(1, in: 2) { driver.stage([[5]], term: newest + 1) }
            try driver.commit()
        default:
            let first = committed + 1 + random.below(length - committed + 1)
            let payloads = (0..<1 + random.below(4)).map { _ in
                [UInt8](repeating: 7, count: random.below(30))
            }
            driver.stage(
                payloads, term: newest + UInt64(random.below(2)), from: LogIndex(UInt64(first)))
            try driver.commit()
        }
    }
}
