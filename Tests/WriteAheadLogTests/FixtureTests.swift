import Founding
import Posix
import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// Directories as earlier versions left them, kept for ever: every later version opens them.
@Suite struct FixtureTests {
    private static let directory = {
        let folders = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return "/" + folders + "/Fixtures/"
    }()

    private static let founding = FoundingRecord(
        cluster: cluster,
        members: (1...3).map {
            FoundingRecord.Member(
                node: NodeID("n\($0)")!, disk: DiskID(UInt64($0) * 0x1111_1111_1111_1111))
        })!

    private static func disk(_ name: String) throws -> MemoryDisk {
        var files: [String: [UInt8]] = [:]
        for file in try FileSystem.names(in: directory + name) {
            files[file] = try FileSystem.contents(
                of: directory + name + "/" + file, limit: 1 << 20)
        }
        let disk = MemoryDisk()
        disk.files = files
        return disk
    }

    private static func open(_ disk: MemoryDisk, _ id: String) throws -> OpenedLog<MemoryDisk> {
        try WriteAheadLog.open(
            disk, cluster: cluster, node: NodeID(id)!, newDisk: DiskID(9), limits: small)
    }

    private func noOperation(_ term: UInt64) -> LogState.Entry {
        LogState.Entry(term: Term(term), kind: .noOperation, payload: [])
    }

    /// A command of the calculator: an opcode (1 set, 2 add) and the operand.
    private func command(_ term: UInt64, _ code: UInt8, _ operand: Int64) -> LogState.Entry {
        var writer = ByteWriter()
        writer.write(code)
        writer.write(operand)
        return LogState.Entry(term: Term(term), kind: .command, payload: writer.bytes)
    }

    private func seen(_ node: Int, _ number: UInt64, nonce: UInt64) -> PeerStart {
        let member = FixtureTests.founding.members[node - 1]
        return PeerStart(
            node: member.node, disk: member.disk, start: Start(number: number, nonce: nonce))
    }

    /// The log goes on in today's way, in more than one new segment, and all of it is there then.
    private func checkGoingOn(_ disk: MemoryDisk, _ id: String, from state: LogState) throws {
        var expected = state
        for number in 1...UInt8(6) {
            var opened = try FixtureTests.open(disk, id)
            let index = opened.recovered.log.append(
                term: Term(9), kind: .command, payload: 0..<2, of: [number, 7])
            expected.hardState = HardState(term: Term(9), vote: nil)
            expected.entries.append(
                LogState.Entry(term: Term(9), kind: .command, payload: [number, 7]))
            var batch = LogBatch()
            batch.append(
                Write(
                    id: WriteID.zero.next, hardState: expected.hardState,
                    entries: index..<index.next),
                from: opened.recovered.log)
            try opened.log.flush(&batch)
            try opened.log.sync()
        }
        let found = LogState(try FixtureTests.open(disk, id).recovered)
        #expect(found == expected)
    }

    @Test func version1WithSeveralTermsAVoteAndAMark() throws {
        let disk = try FixtureTests.disk("version-1/n1")
        var state = LogState()
        do {
            let opened = try FixtureTests.open(disk, "n1")
            state = LogState(opened.recovered)
            #expect(state.hardState == HardState(term: Term(5), vote: NodeID("n3")))
            #expect(state.founding == .founded(FixtureTests.founding))
            #expect(
                state.entries == [
                    noOperation(1), command(1, 1, 5), command(1, 2, 7), noOperation(2),
                    command(2, 2, -3), noOperation(4), command(4, 2, 1),
                ])
            let (commit, starts) = (opened.recovered.commit, opened.recovered.starts)
            #expect(commit == LogIndex(7))
            #expect(starts == StartHistory(count: 2, nonces: [0xA2, 0xA1]))
            let peers = opened.recovered.peerStarts
            #expect(peers == [seen(2, 2, nonce: 0xB2), seen(3, 1, nonce: 0xC1)])
            let isWhole = opened.recovered.tornTail == nil && !opened.recovered.isFresh
            #expect(isWhole)
        }
        try checkGoingOn(disk, "n1", from: state)
    }

    @Test func version1WithATornTail() throws {
        let disk = try FixtureTests.disk("version-1/n2")
        var state = LogState()
        do {
            let opened = try FixtureTests.open(disk, "n2")
            state = LogState(opened.recovered)
            #expect(state.hardState == HardState(term: Term(2), vote: NodeID("n2")))
            #expect(
                state.entries == [
                    noOperation(1), command(1, 1, 5), command(1, 2, 7), noOperation(2),
                ])
            let (commit, torn) = (opened.recovered.commit, opened.recovered.tornTail)
            #expect(commit == LogIndex(2))
            #expect(torn?.file == "wal-00000001.log" && (torn?.count ?? 0) > 0)
        }
        try checkGoingOn(disk, "n2", from: state)
    }

    @Test func version1WithTwoSegmentsAndAReplacedEntry() throws {
        let disk = try FixtureTests.disk("version-1/n3")
        #expect(disk.files["wal-00000002.log"] != nil)
        var state = LogState()
        do {
            let opened = try FixtureTests.open(disk, "n3")
            state = LogState(opened.recovered)
            #expect(state.hardState == HardState(term: Term(2), vote: nil))
            #expect(
                state.entries == [
                    noOperation(1), command(1, 1, 5), noOperation(2), command(2, 2, -3),
                ])
            let commit = opened.recovered.commit
            #expect(commit == LogIndex(3))
            let peers = opened.recovered.peerStarts
            #expect(peers == [seen(1, 1, nonce: 0xA1), seen(2, 1, nonce: 0xB1)])
        }
        try checkGoingOn(disk, "n3", from: state)
    }
}
