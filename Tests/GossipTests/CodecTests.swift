import Effort
import Primitives
import Testing

@testable import Gossip

@Suite struct CodecTests {
    static func envelope(
        _ message: Message, digest: FoundingDigest? = FoundingDigest(7)
    ) -> Envelope {
        Envelope(cluster: cluster, digest: digest, sender: node(1), message: message)
    }

    private static let rumours = [alive(2, 3), suspect(3, 4, by: 2), dead(4, 5, by: 3), left(5, 6)]

    private static let entries = Member.State.allCases.enumerated().map { position, state in
        Message.Entry(
            id: node(position + 1), versionedState: VersionedState(incarnation: 9, state: state),
            metadata: metadata(position + 1))
    }

    static let samples: [(message: Message, way: MessageKind.Way)] = [
        (.ping(number: 1, target: node(2), rumours: rumours), .datagram),
        (.ping(number: .max, target: node(2), rumours: []), .question),
        (.ack(number: 2, subject: node(2), rumours: rumours), .datagram),
        (.ack(number: 2, subject: node(2), rumours: rumours), .answer),
        (.pingRequest(number: 3, target: node(3), rumours: rumours), .datagram),
        (.nack(number: 4), .datagram),
        (.state(entries), .question),
        (.stateAnswer(entries), .answer),
    ]

    @Test func everyMessageComesBack() throws {
        for (message, way) in CodecTests.samples {
            for digest in [nil, FoundingDigest(0), FoundingDigest(.max)] {
                let envelope = CodecTests.envelope(message, digest: digest)
                let bytes = envelope.bytes(onStream: way != .datagram)
                #expect(try MessageReader.read(bytes, by: way) == envelope)
                for other in MessageKind.Way.allCases where other != way {
                    #expect(throws: MessageFault.malformed) {
                        try MessageReader.read(bytes, by: other)
                    }
                }
            }
        }
    }

    @Test func everyCutIsRefused() {
        for (message, way) in CodecTests.samples {
            let bytes = CodecTests.envelope(message).bytes(onStream: way != .datagram)
            for count in 0..<bytes.count {
                #expect(throws: MessageFault.malformed) {
                    try MessageReader.read(Array(bytes[..<count]), by: way)
                }
            }
            #expect(throws: MessageFault.malformed) {
                try MessageReader.read(bytes + [0], by: way)
            }
        }
    }

    @Test func everyFlippedBitIsRefused() {
        for (message, way) in CodecTests.samples {
            let bytes = CodecTests.envelope(message).bytes(onStream: way != .datagram)
            for position in bytes.indices {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[position] ^= 1 << bit
                    #expect(throws: MessageFault.malformed, "\(message) at \(position)") {
                        try MessageReader.read(damaged, by: way)
                    }
                }
            }
        }
    }

    /// A message that was tampered with under a right checksum is refused, or is the one spelling
    /// of another message.
    @Test func sealedGarbageIsRefusedOrMeansSomething() throws {
        var random = RandomSource(seed: 1)
        var meant = 0
        var refused = 0
        let count = 4_000 * effort
        for _ in 0..<count {
            let (message, way) = CodecTests.samples[random.below(CodecTests.samples.count)]
            let isStream = way != .datagram
            var bytes = CodecTests.envelope(message).bytes(onStream: isStream)
            for _ in 0...random.below(3) { Tampering.tamper(&bytes, &random) }
            Tampering.seal(&bytes, onStream: isStream)
            if let envelope = try? MessageReader.read(bytes, by: way) {
                meant += 1
                #expect(envelope.bytes(onStream: isStream) == bytes)
            } else {
                refused += 1
            }
        }
        #expect(meant > count / 20 && refused > count / 20)
    }

    @Test func whatIsTooLongIsCalledSo() {
        let datagram = [UInt8](repeating: 0, count: GossipLimits.datagram + 1)
        #expect(throws: MessageFault.oversized) {
            try MessageReader.read(datagram, by: .datagram)
        }
        let stream = [UInt8](repeating: 0, count: GossipLimits.stream + 1)
        #expect(throws: MessageFault.oversized) { try MessageReader.read(stream, by: .question) }
        #expect(Gossip.streamLength(of: [1, 2, 0, 0]) == 513)
        #expect(Gossip.streamLength(of: [0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(Gossip.streamLength(of: [0xFC, 0xFF, 0x0F, 0]) == GossipLimits.stream - 4)
        #expect(Gossip.streamLength(of: [0xFD, 0xFF, 0x0F, 0]) == nil)
        #expect(Gossip.streamLength(of: [1, 2, 0]) == nil)
    }

    @Test func anIncarnationBeyondTheLastIsRefused() {
        let rumour = alive(2, GossipLimits.incarnation - 1)
        let last = CodecTests.envelope(.ack(number: 1, subject: node(2), rumours: [rumour]))
        #expect(throws: Never.self) {
            try MessageReader.read(last.bytes(onStream: false), by: .datagram)
        }
        let beyond = CodecTests.envelope(
            .ack(number: 1, subject: node(2), rumours: [alive(2, GossipLimits.incarnation)]))
        #expect(throws: MessageFault.malformed) {
            try MessageReader.read(beyond.bytes(onStream: false), by: .datagram)
        }
    }

    @Test func metadataKeepsItsBounds() throws {
        let long = longAddress(GossipLimits.address)
        let short = address("a:1")
        let longer = longAddress(GossipLimits.address + 1)
        #expect(Metadata(http: longer, raft: short, gossip: short, role: .none, version: []) == nil)
        // Three addresses and a version with their lengths, and the role.
        #expect(Metadata(http: long, raft: long, gossip: long, role: .none, version: []) == nil)
        let http = longAddress(249)
        let most = try #require(
            Metadata(http: http, raft: long, gossip: short, role: .learner, version: []))
        #expect(most.encoded.count == GossipLimits.metadata)
        #expect(most.gossip == short && most.raft == long && most.role == .learner)
        let version = [UInt8](repeating: 0x31, count: GossipLimits.version + 1)
        #expect(
            Metadata(http: short, raft: short, gossip: short, role: .none, version: version)
                == nil)
        #expect(Metadata(encoded: most.encoded) == most)
        #expect(Metadata(encoded: most.encoded + [0]) == nil)
    }

    @Test(arguments: ["", "a", "a:0", "a b:1", "a\r:1", "a:1\n", "[::1%2]:1", "1.2.3:1"])
    func metadataWithoutAnAddressIsMalformed(_ text: String) {
        func encoded(_ http: String) -> [UInt8] {
            var writer = ByteWriter()
            writer.write(UInt8(0))
            for address in [http, "a:1", "a:1", ""] { writer.writeShort(Array(address.utf8)) }
            return writer.bytes
        }
        #expect(Metadata(encoded: encoded("a:2"))?.http == address("a:2"))
        #expect(Metadata(encoded: encoded(text)) == nil)
    }
}

/// Changes that no checksum shows.
enum Tampering {
    static func tamper(_ bytes: inout [UInt8], _ random: inout RandomSource) {
        guard !bytes.isEmpty else { return }
        let position = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes.removeLast(random.below(min(bytes.count, 20)))
        case 1: bytes.insert(UInt8(random.below(256)), at: position)
        case 2: bytes.remove(at: position)
        case 3: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
        default: bytes[position] ^= 1 << random.below(8)
        }
    }

    /// Puts length and checksum right, where the bytes are long enough to have any.
    static func seal(_ bytes: inout [UInt8], onStream isStream: Bool) {
        let start = isStream ? Gossip.streamHeaderLength : 0
        guard bytes.count >= start + MessageWriter.checkedOffset else { return }
        var writer = ByteWriter(appendingTo: bytes)
        if isStream { writer.overwrite(UInt32(bytes.count - start), at: 0) }
        let checksum = MessageWriter.checksum(of: writer.bytes, from: start)
        writer.overwrite(checksum, at: start + MessageWriter.checksumOffset)
        bytes = writer.bytes
    }
}
