import Founding
import Primitives
import Raft
import Replica
import Testing
import Wire
import WriteAheadLog

@testable import Simulation

/// The simulation's own readings of what travels and of what is written.
struct ByteReadingTests {
    private static let last = EntryID(index: LogIndex(2), term: Term(3))
    private static let messages: [PeerMessage] = [
        .ping(7), .pong(8), .founding(.newborn),
        .raft(.voteReply(VoteReply(term: Term(3), granted: true))),
        .raft(.timeoutNow(TimeoutNow(term: Term(3), transfer: 1, last: last))),
    ]

    /// What a splitter makes of the bytes in pieces of that size.
    private static func split(_ bytes: [UInt8], pieces size: Int) throws -> [PeerMessage] {
        var splitter = FrameSplitter()
        var found: [PeerMessage] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try splitter.take(bytes, start..<min(bytes.count, start + size)) {
                message, frame, range in
                var again: [UInt8] = []
                FrameEncoder.append(message, to: &again)
                #expect(Array(frame[range]) == again)
                found.append(message)
            }
        }
        return found
    }

    @Test func `frames are found wherever the stream is cut`() throws {
        var bytes: [UInt8] = []
        for message in Self.messages { FrameEncoder.append(message, to: &bytes) }
        for size in 1...bytes.count {
            let found = try Self.split(bytes, pieces: size)
            #expect(found == Self.messages)
        }
    }

    @Test func `bytes that are no frame are found out`() {
        var bytes: [UInt8] = []
        for message in Self.messages { FrameEncoder.append(message, to: &bytes) }
        bytes.removeFirst()
        #expect(throws: WireFault.self) { try Self.split(bytes, pieces: 10) }
    }

    @Test func `a batch reads as what was staged in it`() throws {
        let node = try #require(NodeID("n1"))
        let record = try #require(
            FoundingRecord(
                cluster: Array("c".utf8),
                members: [FoundingRecord.Member(node: node, disk: DiskID(5))]))
        let seen = PeerStart(node: node, disk: DiskID(6), start: Start(number: 2, nonce: 9))
        var log = EntryLog()
        _ = log.append(term: Term(4), kind: .noOperation, payload: 0..<0, of: [])
        let command: [UInt8] = [1, 42, 0, 0, 0, 0, 0, 0, 0]
        _ = log.append(term: Term(5), kind: .command, payload: 0..<9, of: command)
        var batch = LogBatch()
        batch.append(founding: .pledged(record))
        batch.append(peerStart: seen)
        batch.append(
            Write(
                id: .zero, hardState: HardState(term: Term(5), vote: node),
                entries: LogIndex(1)..<LogIndex(3)), from: log)
        let reading = BatchReading(batch.bytes)
        #expect(reading.fault == nil)
        #expect(reading.founding == .pledged(record))
        #expect(reading.peerStarts == [seen])
        #expect(reading.hardState == HardState(term: Term(5), vote: node))
        #expect(reading.entries.map(\.index) == [LogIndex(1), LogIndex(2)])
        #expect(reading.entries.map(\.term) == [Term(4), Term(5)])
        #expect(reading.entries.map(\.payload) == [.nothing, .write(.set(42))])
        #expect(BatchReading(Array(batch.bytes.dropLast())).fault != nil)
    }

    @Test func `an entry of every kind reads as what was staged`() throws {
        let payloads: [ShadowPayload] = [
            .nothing, .level(FeatureLevel(2)), .write(.set(-3)),
            .guarded(.add(1), WriteGuard(condition: [7, .max])),
            .guarded(.add(2), WriteGuard(key: Array("a".utf8))),
            .guarded(
                .set(.min), WriteGuard(key: Array("b~".utf8), firstIndex: 9, condition: [])),
        ]
        let base = EntryID(index: LogIndex(40), term: Term(4))
        var log = EntryLog(base: base)
        for payload in payloads {
            let bytes = payload.bytes
            if case .guarded = payload { #expect(Envelope(bytes, 0..<bytes.count) != nil) }
            _ = log.append(
                term: Term(5), kind: payload.kind, payload: 0..<bytes.count, of: bytes)
        }
        var batch = LogBatch()
        batch.append(
            Write(
                id: .zero, base: base, hardState: nil,
                entries: LogIndex(41)..<log.lastIndex.next), from: log)
        let reading = BatchReading(batch.bytes)
        #expect(reading.fault == nil)
        #expect(reading.base == base)
        #expect(reading.firstIndex == LogIndex(41))
        #expect(reading.entries.map(\.payload) == payloads)
    }
}
