import Effort
import Founding
import Primitives
import Raft
import Testing

@testable import Wire

@Suite struct FrameTests {
    @Test func everyMessageComesBack() throws {
        var generator = MessageGenerator(seed: 1)
        for _ in 0..<4_000 * effort {
            let message = generator.message()
            let bytes = encode(message)
            let decoded = try #require(try decode(bytes))
            #expect(decoded.message == message)
            #expect(decoded.consumed == bytes.count)
        }
    }

    @Test func aStreamIsTakenApartFrameByFrame() throws {
        var generator = MessageGenerator(seed: 2)
        let messages = (0..<500).map { _ in generator.message() }
        // What stands before the first frame and behind the last is not looked at.
        var stream: [UInt8] = [0xEE, 0xEE, 0xEE]
        for message in messages { FrameEncoder.append(message, to: &stream) }
        let end = stream.count
        stream += [0xEE, 0xEE]
        var position = 3
        var decoded: [PeerMessage] = []
        while let next = try FrameDecoder.decode(stream, from: position, to: end) {
            decoded.append(next.message)
            position += next.consumed
        }
        #expect(decoded == messages)
        #expect(position == end)
    }

    @Test func eachCutWaitsForMore() throws {
        for sample in Golden.all {
            let bytes = Golden.bytes(sample.hex)
            for cut in 0..<bytes.count {
                #expect(try FrameDecoder.decode(bytes, from: 0, to: cut) == nil)
            }
        }
    }

    @Test func eachFlippedBitIsRefused() {
        for sample in Golden.all {
            let whole = Golden.bytes(sample.hex)
            // With more bytes behind it, a frame whose length grew is whole, and still no frame.
            for bytes in [whole, whole + [UInt8](repeating: 0, count: 4096)] {
                for position in 0..<whole.count {
                    for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8] {
                        var damaged = bytes
                        damaged[position] ^= mask
                        #expect(accepted(damaged) == nil, "\(sample.name) at \(position)")
                    }
                }
            }
        }
    }

    @Test func garbageNeverTraps() {
        var generator = MessageGenerator(seed: 3)
        for _ in 0..<6_000 * effort {
            var bytes = generator.bytes(upTo: 80)
            // Half of the lengths are small, or hardly any garbage would get past the first check.
            if bytes.count >= 4, generator.random.chance(1, in: 2) {
                bytes.replaceSubrange(1..<4, with: [0, 0, 0])
            }
            #expect(accepted(bytes) == nil)
        }
    }

    /// Bodies that were tampered with under a right checksum either are refused or are the one
    /// spelling of another message. A greeting of version 3 may say more than is read of it.
    @Test func sealedGarbageIsRefusedOrMeansSomething() throws {
        var generator = MessageGenerator(seed: 4)
        var refused = 0
        var meant = 0
        let count = 6_000 * effort
        for _ in 0..<count {
            var bytes = encode(generator.message())
            var body = Array(bytes[Frame.headerLength...])
            for _ in 0...generator.random.below(3) { mutate(&body, with: &generator) }
            let kinds = FrameKind.allCases
            let kind =
                generator.random.chance(1, in: 8)
                ? kinds[generator.random.below(kinds.count)].rawValue : bytes[5]
            bytes = frame(kind: kind, body: body, version: bytes[4])
            if let message = accepted(bytes) {
                meant += 1
                let spelling = encode(message)
                if message.canSayMore {
                    let read = Array(spelling[Frame.headerLength...])
                    #expect(body.starts(with: read) && spelling[4...7] == bytes[4...7])
                } else {
                    #expect(spelling == bytes)
                }
            } else {
                refused += 1
            }
        }
        #expect(refused > count / 50 && meant > count / 50)
    }

    private func mutate(_ body: inout [UInt8], with generator: inout MessageGenerator) {
        guard !body.isEmpty else { return }
        let position = generator.random.below(body.count)
        switch generator.random.below(6) {
        case 0: body.removeLast(generator.random.below(body.count))
        case 1: body.append(contentsOf: generator.bytes(upTo: 12))
        case 2: body.remove(at: position)
        case 3: body[position] = [0, 1, 0x7F, 0x80, 0xFF][generator.random.below(5)]
        default: body[position] ^= UInt8(1 << generator.random.below(8))
        }
    }

    /// The message that the bytes are taken for, or nil where they are refused or wait for more.
    private func accepted(_ bytes: [UInt8]) -> PeerMessage? {
        (try? decode(bytes))?.message
    }

    @Test func theLargestBatchFits() throws {
        let payload = [UInt8](repeating: 7, count: Limits.entries - EntryBatch.overhead)
        var entries = EntryBatch()
        entries.append(term: Term(1), kind: .command, payload: 0..<payload.count, of: payload)
        let message = PeerMessage.raft(
            .appendEntries(
                AppendEntries(
                    term: Term(1), previous: .zero, commit: .zero, round: 0, entries: entries)))
        let bytes = encode(message)
        #expect(bytes.count == Frame.headerLength + Limits.body)
        #expect(try #require(try decode(bytes)).message == message)
    }

    /// A later version of the program says more in its greeting than is known today.
    @Test(arguments: [[0], Array(repeating: 0xFF, count: 300)] as [[UInt8]])
    func whatLaterVersionsAddToAGreetingIsPassedOver(more: [UInt8]) throws {
        let sample = try #require(Golden.all.first { $0.name == "hello, log end" })
        guard case .hello(let hello) = sample.message else {
            Issue.record("it is no hello")
            return
        }
        for (message, kind) in [(sample.message, FrameKind.hello), (.welcome(hello), .welcome)] {
            let body = Golden.bytes(sample.hex)[Frame.headerLength...] + more
            let bytes = frame(kind: kind.rawValue, body: Array(body), version: 3)
            let decoded = try #require(try decode(bytes))
            #expect(decoded.message == message && decoded.consumed == bytes.count)
        }
    }

    @Test func theLargestHelloFits() throws {
        let name = { (digit: Int) in String(repeating: "z", count: 31) + "\(digit)" }
        let voters = (1...9).compactMap { NodeID(name($0)) }
        let members = voters.map { FoundingRecord.Member(node: $0, disk: DiskID(.max)) }
        let cluster = Array(name(0).utf8)
        let record = try #require(FoundingRecord(cluster: cluster, members: members))
        let address = [UInt8](repeating: UInt8(ascii: "a"), count: 255)
        let message = PeerMessage.hello(
            Hello(
                cluster: cluster, node: voters[0], disk: DiskID(.max), nonce: .max,
                earlierStarts: try #require(
                    StartHistory(count: 1 << 61, nonces: Array(repeating: .max, count: 32))),
                founding: .founded(record), voters: voters, http: address, raft: address,
                levels: FeatureLevel(1)...FeatureLevel(.max),
                logEnd: LogEnd(
                    term: Term(9), last: EntryID(index: LogIndex(1 << 61), term: Term(9)))))
        let bytes = encode(message)
        #expect(bytes.count < 1700)
        #expect(try #require(try decode(bytes)).message == message)
    }
}

extension PeerMessage {
    /// Whether a later version may say more behind what is read.
    fileprivate var canSayMore: Bool {
        switch self {
        case .hello(let hello), .welcome(let hello): hello.levels != nil
        default: false
        }
    }
}
