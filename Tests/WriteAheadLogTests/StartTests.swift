import Founding
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// The starts of a node, and those that it has seen of others.
@Suite struct StartTests {
    private func open(_ disk: MemoryDisk) throws(LogFault) -> OpenedLog<MemoryDisk> {
        try WriteAheadLog.open(
            disk, cluster: cluster, node: node, newDisk: firstDisk, limits: small)
    }

    private func seen(_ number: UInt64, of name: String, disk: UInt64 = 2) -> PeerStart {
        PeerStart(
            node: NodeID(name)!, disk: DiskID(disk), start: Start(number: number, nonce: number * 7)
        )
    }

    @Test func startsAreCountedAndTheNewestNoncesKept() throws {
        let disk = MemoryDisk()
        for number in 1...UInt64(40) {
            var opened = try open(disk)
            let starts = opened.recovered.starts
            #expect(starts.count == number - 1)
            #expect(starts.nonces == (1..<number).reversed().prefix(32).map { $0 * 3 })
            try opened.log.begin(starts.next(nonce: number * 3))
        }
    }

    @Test func theNewestStartOfEachPeersDiskIsKept() throws {
        let disk = MemoryDisk()
        var opened = try open(disk)
        for start in [
            seen(3, of: "n3"), seen(1, of: "n2"), seen(4, of: "n3"), seen(9, of: "n2", disk: 1),
        ] {
            var batch = LogBatch()
            batch.append(peerStart: start)
            try opened.log.flush(&batch)
            try opened.log.sync()
        }
        let expected = [seen(9, of: "n2", disk: 1), seen(1, of: "n2"), seen(4, of: "n3")]
        let found = try open(disk).recovered.peerStarts
        #expect(found == expected)
    }

    @Test func aStartThatCannotBeIsDamage() throws {
        // Not the next one of this node, not a later one of a peer, no nonce.
        for bodies in 0..<3 {
            let disk = MemoryDisk()
            var opened = try open(disk)
            try opened.log.begin(Start(number: 1, nonce: 5))
            var batch = LogBatch()
            switch bodies {
            case 0: try opened.log.begin(Start(number: 3, nonce: 6))
            case 1:
                batch.append(peerStart: seen(4, of: "n2"))
                batch.append(peerStart: seen(4, of: "n2"))
            default: try opened.log.begin(Start(number: 1, nonce: 5))
            }
            try opened.log.flush(&batch)
            try opened.log.sync()
            #expect(damageFound(in: disk)?.reason == .impossible)
        }
    }

    @Test func noCrashLosesACountedStart() throws {
        for operation in 0... {
            let disk = MemoryDisk()
            var first = try open(disk)
            try first.log.begin(Start(number: 1, nonce: 11))
            disk.restart()
            disk.powerFailsAfter = operation
            var begun = false
            do throws(LogFault) {
                var second = try open(disk)
                let starts = second.recovered.starts
                try second.log.begin(starts.next(nonce: 22))
                begun = true
            } catch {}
            for seed in 0..<UInt64(8) {
                var random = RandomSource(seed: seed)
                let state = disk.snapshot
                disk.cutPower(&random, shears: seed % 2 == 0)
                let starts = try open(disk).recovered.starts
                #expect(starts.count == 1 || starts.count == 2)
                #expect(!begun || starts.nonces == [22, 11])
                #expect(starts.nonces.last == 11)
                disk.snapshot = state
            }
            if begun { return }
        }
    }
}
