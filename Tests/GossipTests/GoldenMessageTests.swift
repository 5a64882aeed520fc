import Primitives
import Testing

@testable import Gossip

/// The examples of `docs/wire-format.md`, worked out apart from the encoder.
@Suite struct GoldenMessageTests {
    private struct Sample {
        let name: String
        let way: MessageKind.Way
        let envelope: Envelope
        let hex: String
    }

    private static let number: UInt64 = 0x0102_0304_0506_0708
    private static let digest = FoundingDigest(0x0123_4567_89AB_CDEF)

    private static func metadata(_ number: Int) -> Metadata {
        guard
            let metadata = Metadata(
                http: address("127.0.0.1:800\(number)"), raft: address("127.0.0.1:900\(number)"),
                gossip: address("127.0.0.1:700\(number)"), role: .voter,
                version: Array("0.1.0".utf8))
        else { preconditionFailure("no metadata") }
        return metadata
    }

    private static func entry(
        _ number: Int, _ state: Member.State, _ incarnation: UInt64
    ) -> Message.Entry {
        Message.Entry(
            id: node(number),
            versionedState: VersionedState(incarnation: incarnation, state: state),
            metadata: metadata(number))
    }

    private static func envelope(
        from sender: Int, founded digest: FoundingDigest? = nil, _ message: Message
    ) -> Envelope {
        Envelope(cluster: cluster, digest: digest, sender: node(sender), message: message)
    }

    private static let samples: [Sample] = [
        Sample(
            name: "ping", way: .datagram,
            envelope: envelope(from: 1, .ping(number: number, target: node(2), rumours: [])),
            hex: """
                544c5947010100009ccdaf840000000000000000076578616d706c65026e310807060504
                030201026e32
                """),
        Sample(
            name: "ping, with rumours", way: .datagram,
            envelope: envelope(
                from: 1, founded: digest,
                .ping(
                    number: number, target: node(2),
                    rumours: [
                        Rumour(id: node(3), incarnation: 7, claim: .alive(metadata(3))),
                        suspect(4, 5, by: 1),
                    ])),
            hex: """
                544c5947010101000be4ad42efcdab8967452301076578616d706c65026e310807060504
                030201026e3200026e3307000000000000003400010e3132372e302e302e313a38303033
                0e3132372e302e302e313a393030330e3132372e302e302e313a3730303305302e312e30
                01026e340500000000000000026e31
                """),
        Sample(
            name: "ack", way: .datagram,
            envelope: envelope(
                from: 2, founded: digest,
                .ack(number: number, subject: node(2), rumours: [dead(4, 5, by: 3), left(5, 1)])),
            hex: """
                544c594701020100e4b438acefcdab8967452301076578616d706c65026e320807060504
                030201026e3202026e340500000000000000026e3303026e350100000000000000
                """),
        Sample(
            name: "ping request", way: .datagram,
            envelope: envelope(from: 1, .pingRequest(number: number, target: node(3), rumours: [])),
            hex: """
                544c594701030000c118b6c20000000000000000076578616d706c65026e310807060504
                030201026e33
                """),
        Sample(
            name: "nack", way: .datagram,
            envelope: envelope(from: 3, .nack(number: number)),
            hex: """
                544c594701040000e9ad7fd70000000000000000076578616d706c65026e330807060504
                030201
                """),
        Sample(
            name: "state, on a stream", way: .question,
            envelope: envelope(from: 1, .state([entry(1, .alive, 2), entry(4, .dead, 5)])),
            hex: """
                a3000000544c594701050000508b41cf0000000000000000076578616d706c65026e3100
                026e3102000000000000003400010e3132372e302e302e313a383030310e3132372e302e
                302e313a393030310e3132372e302e302e313a3730303105302e312e3002026e34050000
                00000000003400010e3132372e302e302e313a383030340e3132372e302e302e313a3930
                30340e3132372e302e302e313a3730303405302e312e30
                """),
        Sample(
            name: "state answer, on a stream", way: .answer,
            envelope: envelope(from: 2, .stateAnswer([entry(2, .alive, 0)])),
            hex: """
                61000000544c594701060000d88c075f0000000000000000076578616d706c65026e3200
                026e3200000000000000003400010e3132372e302e302e313a383030320e3132372e302e
                302e313a393030320e3132372e302e302e313a3730303205302e312e30
                """),
    ]

    @Test func theExamplesAreWrittenAndReadAsTheyStand() throws {
        for sample in GoldenMessageTests.samples {
            let digits = sample.hex.filter { !$0.isWhitespace }
            var bytes: [UInt8] = []
            var rest = digits[...]
            while !rest.isEmpty {
                bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
                rest = rest.dropFirst(2)
            }
            let isStream = sample.way != .datagram
            #expect(sample.envelope.bytes(onStream: isStream) == bytes, "\(sample.name)")
            #expect(try MessageReader.read(bytes, by: sample.way) == sample.envelope)
        }
    }
}
