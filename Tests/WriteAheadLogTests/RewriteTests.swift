import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// What was read may be in memory only, and is written once more before it is believed.
@Suite struct RewriteTests {
    /// Batches that fill some sectors each and go through two segments, with marks among them; ends
    /// where the disk does.
    private func live(on disk: MemoryDisk, from first: UInt8 = 1) -> LogState? {
        do throws(LogFault) {
            var driver = try Driver(disk)
            for number in first..<first + 4 {
                driver.stage(
                    [[UInt8](repeating: number, count: 70), [number]], term: UInt64(number))
                try driver.commit()
                if number % 2 == 0 { try driver.log.writeMark(commit: LogIndex(1)) }
            }
            return driver.state
        } catch {
            return nil
        }
    }

    @Test func whatAFailedSyncLeftInMemoryIsNotBelieved() throws {
        var failures = 0
        for sync in 0... {
            let disk = MemoryDisk()
            disk.syncsUntilForgotten = sync
            if live(on: disk) != nil { break }
            failures += 1
            let cutOff = disk.snapshot
            for seed in 0..<UInt64(10) {
                disk.snapshot = cutOff
                // The next process goes on behind what it read, and then the power goes.
                let state = try #require(live(on: disk, from: 10))
                var random = RandomSource(seed: seed)
                disk.cutPower(&random)
                #expect(try recover(disk) == state, "sync \(sync), seed \(seed)")
            }
        }
        #expect(failures > 10)
    }

    @Test func aRewriteWhoseOwnSyncFailsIsDoneAgain() throws {
        var failures = 0
        for sync in 0..<40 {
            for inOpening in 0..<4 {
                let disk = MemoryDisk()
                disk.syncsUntilForgotten = sync
                if live(on: disk) != nil { break }
                disk.syncsUntilForgotten = inOpening
                let opened = try? recover(disk)
                disk.syncsUntilForgotten = nil
                if opened != nil { continue }
                failures += 1
                let state = try #require(live(on: disk, from: 10))
                var random = RandomSource(seed: UInt64(sync * 10 + inOpening))
                disk.cutPower(&random)
                #expect(try recover(disk) == state, "sync \(sync), then \(inOpening)")
            }
        }
        #expect(failures > 10)
    }

    @Test func aSectorShornInTheRewriteIsLostNowhere() throws {
        var shorn = 0
        for seed in 0..<UInt64(400) {
            let disk = MemoryDisk()
            // The last batch was synced and acknowledged, and its mark is not there.
            var driver = try Driver(disk)
            for number in 1...UInt8(1 + seed % 4) {
                driver.stage(
                    [[UInt8](repeating: number, count: 70), [number]], term: UInt64(number))
                try driver.commit()
            }
            let state = driver.state
            disk.restart()
            var random = RandomSource(seed: seed)
            disk.powerFailsAfter = Int(seed / 4) % 12
            disk.bytesOfTheLastWrite = random.below(200)
            if (try? recover(disk)) != nil { continue }
            shorn += 1
            disk.cutPower(&random, shears: true)
            #expect(try recover(disk) == state, "seed \(seed)")
            // And once more, in the midst of the second try.
            #expect(try recover(disk) == state)
        }
        #expect(shorn > 100)
    }

    @Test func aSealThatAFailedSyncLeftInMemoryIsWrittenAgain() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[UInt8](repeating: 1, count: 200)], term: 1)
        try driver.commit()
        driver.stage([[UInt8](repeating: 2, count: 200)], term: 1)
        // The successor is synced, the directory, and then the seal is not.
        disk.syncsUntilForgotten = 1
        #expect(throws: LogFault.self) { try driver.commit() }
        #expect(disk.files["wal-00000002.log"] != nil)
        let state = try #require(live(on: disk))
        var random = RandomSource(seed: 1)
        disk.cutPower(&random)
        #expect(try recover(disk) == state)
    }

    @Test func theBytesKeptAsideCount() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1, 2, 3], [4]], term: 1)
        try driver.commit()
        let state = driver.state
        disk.restart()
        // The power goes with the first byte of the rewrite; the segment has lost everything then.
        for operation in 0... {
            disk.restart()
            disk.powerFailsAfter = operation
            #expect(throws: LogFault.self) { try recover(disk) }
            if disk.files["rewrite"] != nil { break }
        }
        disk.restart()
        let segment = disk.files["wal-00000001.log"]!
        disk.files["wal-00000001.log"] = segment.overwritten(64..<segment.count) { _ in 0 }
        let kept = disk.files["rewrite"]!
        #expect(try recover(disk) == state)
        #expect(disk.files["wal-00000001.log"] == segment)
        #expect(disk.files["rewrite"] == nil && disk.files["rewrite.new"] == nil)
        // It had its name only once it was synced: one that does not verify is damage.
        for offset in kept.indices {
            disk.files["rewrite"] = kept.overwritten(offset..<offset + 1) { kept[$0] ^ 1 }
            #expect(damageFound(in: disk)?.file == "rewrite")
        }
        // One that was not finished means nothing.
        disk.files["rewrite"] = nil
        disk.files["rewrite.new"] = Array(kept.prefix(20))
        #expect(try recover(disk) == state)
    }

    @Test func aLogThatEndsWithAMarkNeedsNoRoomToOpen() throws {
        let disk = MemoryDisk()
        var driver = try Driver(disk)
        driver.stage([[1], [2]], term: 1)
        try driver.commit()
        try driver.log.writeMark(commit: LogIndex(2))
        disk.capacity = disk.files.values.reduce(0) { $0 + $1.count }
        #expect(try recover(disk) == driver.state)
    }

    @Test func theFileIsSpelledAsThePageSays() throws {
        let rewrite = Rewrite(
            disk: DiskID(7),
            parts: [
                Rewrite.Part(segment: 1, offset: 96, bytes: [1, 2]),
                Rewrite.Part(segment: 2, offset: 0, bytes: [3]),
            ])
        let bytes = rewrite.encoded
        #expect(bytes.count == 24 + 24 + 2 + 24 + 1)
        #expect(Array(bytes[..<8]) == Array("TALLYRW\n".utf8) && bytes[8] == 1)
        #expect(bytes[16] == 7 && bytes[24] == 1 && bytes[32] == 96 && bytes[40] == 2)
        #expect(try Rewrite.decode(bytes, disk: DiskID(7)) == rewrite)
        #expect(throws: LogFault.self) { try Rewrite.decode(bytes, disk: DiskID(8)) }
    }
}
