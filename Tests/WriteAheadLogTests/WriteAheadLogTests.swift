import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

@Suite struct WriteAheadLogTests {
    private func vote(_ term: UInt64, _ node: NodeID? = nil) -> HardState {
        HardState(term: Term(term), vote: node)
    }

    @Test func aFreshDirectoryIsBornAndThenKnown() throws {
        let disk = MemoryDisk()
        do {
            let first = try Driver(disk)
            #expect(first.opening.isFresh && first.state == LogState())
            #expect(first.log.identity.disk == firstDisk)
        }
        let again = try Driver(disk, newDisk: DiskID(99))
        #expect(!again.opening.isFresh && again.log.identity.disk == firstDisk)
        #expect(again.opening.tornTail == nil)
    }

    @Test func everythingSyncedComesBackAcrossSegments() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage(founding: .pledged(record))
        try driver.commit()
        driver.stage(founding: .founded(record))
        driver.stage([], term: 1, hardState: vote(1, node))
        try driver.commit()
        for number in 1...40 {
            let payload = [UInt8](repeating: UInt8(number), count: number % 20)
            driver.stage([payload, []], term: 1)
            try driver.commit()
        }
        driver.stage([[1, 2, 3]], term: 3, hardState: vote(3))
        try driver.commit()
        #expect(disk.files.keys.count { $0.hasPrefix("wal-") } > 5)
        #expect(driver.log.position == driver.log.durablePosition)
        #expect(driver.log.bytesOnDisk >= driver.log.position.bytes)
        #expect(try recover(disk) == driver.state)
        #expect(driver.state.entries.count == 81)
    }

    @Test func anEntryAtAnOldIndexReplacesTheLogFromThere() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1], [2], [3], [4]], term: 1)
        try driver.commit()
        driver.stage([[20]], term: 2, from: LogIndex(2))
        try driver.commit()
        let recovered = try Driver(disk)
        #expect(recovered.state == driver.state)
        #expect(recovered.tail.last == EntryID(index: LogIndex(2), term: Term(2)))
    }

    /// One thread may stage while another writes: what is staged is in no mark and no batch before it.
    @Test func stagingIsApartFromTheLog() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        #expect(driver.batch.isEmpty && driver.batch.lastIndex == nil)
        driver.stage([[1], [2]], term: 1)
        #expect(driver.batch.lastIndex == LogIndex(2))
        try driver.flush()
        #expect(driver.batch.isEmpty && driver.batch.lastIndex == nil)
        driver.stage([[3]], term: 1)
        try driver.log.sync()
        // The third entry is no more than staged: a mark says nothing of it.
        try driver.log.writeMark(commit: LogIndex(3))
        var next = try Driver(disk)
        #expect(next.state.entries.count == 2 && next.opening.commit == LogIndex(2))
        next.stage([[3], [4]], term: 1)
        try next.commit()
        next.stage([[9]], term: 2, from: LogIndex(3))
        #expect(next.batch.lastIndex == LogIndex(3), "the log ends there once it is written")
        try next.commit()
        try next.log.writeMark(commit: LogIndex(4))
        let last = try Driver(disk)
        #expect(last.state == next.state && last.opening.commit == LogIndex(3))
    }

    @Test func aBatchIsOneWriteAndOneSync() throws {
        let disk = MemoryDisk()
        var driver = try Driver(
            disk, limits: LogLimits(segmentBytes: 1 << 20, preallocationBytes: 1 << 16))
        let before = disk.operations
        for _ in 0..<100 { driver.stage([[1, 2, 3]], term: 1) }
        try driver.commit()
        #expect(disk.operations == before + 2)
    }

    @Test func aBatchLargerThanASegmentHasASegmentOfItsOwn() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1]], term: 1)
        try driver.commit()
        driver.stage([[UInt8](repeating: 7, count: 5000), [2]], term: 1)
        try driver.commit()
        driver.stage([[3]], term: 1)
        try driver.commit()
        #expect(disk.files.keys.count { $0.hasPrefix("wal-") } == 3)
        #expect(try recover(disk) == driver.state)
    }

    @Test func aMarkGivesTheCommitBackAndTakesThePlaceOfAMark() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        try driver.log.writeMark(commit: LogIndex(5))
        #expect(driver.log.position.bytes == 64)
        driver.stage([[1], [2], [3]], term: 1)
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(1))
        let position = driver.log.position
        let operations = disk.operations
        try driver.log.writeMark(commit: LogIndex(1))
        try driver.log.writeMark(commit: LogIndex.zero)
        #expect(disk.operations == operations)
        try driver.log.writeMark(commit: LogIndex(9))
        #expect(driver.log.position == position)
        #expect(try Driver(disk).opening.commit == LogIndex(3))

        // A new process writes over the mark that it found, and keeps what that one said.
        var next = try Driver(disk)
        try next.log.writeMark(commit: LogIndex.zero)
        #expect(next.log.position == position)
        next.stage([[4]], term: 1)
        try next.commit()
        try next.log.close(commit: LogIndex(4))
        let last = try Driver(disk)
        #expect(last.opening.commit == LogIndex(4) && last.state == next.state)
    }

    @Test func anotherIdentityIsNamedAndRefused() throws {
        let disk = MemoryDisk()
        _ = try Driver(disk)
        let before = disk.files
        for (name, id) in [("other", "n1"), ("example", "n2")] {
            do throws(LogFault) {
                _ = try WriteAheadLog.open(
                    disk, cluster: Array(name.utf8), node: NodeID(id)!, newDisk: DiskID(3))
                Issue.record("opened as \(id) of \(name)")
            } catch {
                #expect(error.exitCode == 78)
                #expect(error.description.contains("node n1 of cluster example"))
                #expect(error.description.contains("node \(id) of cluster \(name)"))
            }
        }
        #expect(disk.files == before)
    }

    @Test func aNewerVersionIsToldFromDamage() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1]], term: 1)
        try driver.commit()
        let before = disk.files
        for name in ["identity", "wal-00000001.log"] {
            var file = before[name]!
            file[FormatVersion.versionOffset] = 2
            let covered = name == "identity" ? file.count : SegmentHeader.size
            var writer = ByteWriter(appendingTo: file)
            writer.overwrite(
                FormatVersion.checksum(of: Array(file.prefix(covered))),
                at: FormatVersion.checksumOffset)
            disk.files[name] = writer.bytes
            #expect(throws: LogFault.newer(file: name, offset: 8)) { try recover(disk) }
            #expect(LogFault.newer(file: name, offset: 8).exitCode == 65)
            disk.files = before
        }
        // A record of a kind that this version does not know.
        var writer = ByteWriter(appendingTo: before["wal-00000001.log"]!)
        writer.overwrite(UInt8(200), at: 68)
        var verifier = RecordVerifier()
        let checksum = verifier.checksum(
            of: writer.bytes, at: 64, size: RecordHeader.size, position: LogPosition(64))
        writer.overwrite(checksum, at: 64)
        disk.files["wal-00000001.log"] = writer.bytes
        #expect(throws: LogFault.newer(file: "wal-00000001.log", offset: 64)) {
            try recover(disk)
        }
    }

    @Test func aFullDiskRefusesTheBatchAndLosesNothing() throws {
        // Whatever the room that is left, a step of growing fails sooner or later.
        for room in stride(from: 0, to: 900, by: 20) {
            let disk = MemoryDisk()
            var driver = try Driver(disk)
            disk.capacity = disk.files.values.reduce(0) { $0 + $1.count } + room
            var synced = driver.state
            var fault: LogFault?
            for number in 0..<UInt8.max where fault == nil {
                driver.stage([[number], [number, number]], term: 1)
                do throws(LogFault) {
                    try driver.commit()
                    synced = driver.state
                } catch {
                    fault = error
                }
            }
            guard case .noSpace = try #require(fault) else {
                Issue.record("\(String(describing: fault))")
                continue
            }
            #expect(fault?.exitCode == 74)
            // It starts where there is room to keep its last batch aside, and says if there is not.
            do throws(LogFault) {
                #expect(try recover(disk) == synced)
            } catch {
                guard case .noSpace = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(error.exitCode == 74)
            }
            disk.capacity = .max
            #expect(try recover(disk) == synced)
            try driver.commit()
            #expect(try recover(disk) == driver.state)
        }
    }

    @Test func aFullDiskAtBirthLeavesADirectoryThatStarts() throws {
        for capacity in stride(from: 0, to: 160, by: 10) {
            let disk = MemoryDisk()
            disk.capacity = capacity
            let fault = #expect(throws: LogFault.self) { try recover(disk) }
            #expect(fault?.exitCode == 74)
            disk.capacity = .max
            #expect(try Driver(disk).opening.isFresh)
        }
    }

    @Test func whatIsForbiddenIsNoFailureOfTheDisk() {
        let fault = LogFault.disk(DiskError(.open, "identity", .notAllowed, errno: 13))
        #expect(fault.exitCode == 74)
        #expect(fault.description.hasPrefix("opening identity: permission denied (errno 13). "))
        #expect(!fault.description.contains("the disk failed"))
    }

    @Test func aFailedWriteOrSyncIsNeverForgotten() throws {
        for failsInSync in [false, true] {
            let disk = MemoryDisk()
            var driver = try Driver(disk)
            driver.stage([[1]], term: 1)
            if failsInSync { try driver.flush() }
            for isBroken in [true, false] {
                disk.breaksNext = isBroken
                let fault = #expect(throws: LogFault.self) {
                    if failsInSync { try driver.log.sync() } else { try driver.flush() }
                }
                #expect(fault == .disk(DiskError(failsInSync ? .sync : .write, "", .io, errno: 5)))
                #expect(fault?.exitCode == 74)
            }
            #expect(throws: LogFault.self) { try driver.log.writeMark(commit: .zero) }
        }
    }
}
