import Founding
import Primitives
import Raft
import Testing

@testable import Wire

/// The examples of `docs/wire-format.md`, worked out apart from the encoder.
enum Golden {
    static let all: [(name: String, hex: String, message: PeerMessage)] = [
        ("hello, version 2", helloOfVersion2, .hello(helloMessage)),
        ("hello", hello, .hello(helloMessage.withLevels)),
        ("hello, log end", helloWithLogEnd, .hello(helloMessage.withLevels.withLogEnd)),
        ("hello, restored", helloRestored, .hello(helloMessage.withLevels.restored)),
        ("welcome, version 2", welcomeOfVersion2, .welcome(welcomeMessage)),
        ("welcome", welcome, .welcome(welcomeMessage.withLevels)),
        (
            "refusal", refusal,
            .refusal(Refusal(reason: .stranger, detail: Array("n3 is no voter of example".utf8)))
        ),
        (
            "refusal, oldVersion", refusalOldVersion,
            .refusal(Refusal(reason: .oldVersion, detail: Array("n3 has feature level 1".utf8)))
        ),
        (
            "refusal, lostAcknowledgement", refusalLostAcknowledgement,
            .refusal(
                Refusal(reason: .lostAcknowledgement, detail: Array("n2's log ends at 7".utf8)))
        ),
        ("founding", founding, .founding(.founded(record))),
        ("founding, restored", foundingRestored, .founding(.founded(restoredRecord))),
        ("ping", ping, .ping(0x0102_0304_0506_0708)),
        ("pong", pong, .pong(0x0102_0304_0506_0708)),
        (
            "stateHash", stateHash,
            .stateHash(StateHash(index: LogIndex(1_024), hash: 0xEF01_2345_6789_ABCD))
        ),
        (
            "preVoteRequest", preVoteRequest,
            .raft(.preVoteRequest(PreVoteRequest(term: Term(4), last: entry(10, 3))))
        ),
        (
            "preVoteReply", preVoteReply,
            .raft(.preVoteReply(PreVoteReply(term: Term(4), askedIn: Term(3), granted: true)))
        ),
        (
            "voteRequest", voteRequest,
            .raft(.voteRequest(VoteRequest(term: Term(5), last: entry(10, 3))))
        ),
        ("voteReply", voteReply, .raft(.voteReply(VoteReply(term: Term(5), granted: false)))),
        ("appendEntries", appendEntries, .raft(.appendEntries(appendEntriesMessage))),
        (
            "appendEntries of feature level 2", appendEntriesOfLevel2,
            .raft(.appendEntries(appendEntriesOfLevel2Message))
        ),
        (
            "appendReply", appendReply,
            .raft(
                .appendReply(AppendReply(term: Term(3), round: 12, outcome: .matched(LogIndex(9)))))
        ),
        (
            "appendReply, disk full", appendReplyDiskFull,
            .raft(
                .appendReply(
                    AppendReply(
                        term: Term(3), round: 12, outcome: .matched(LogIndex(9)), isDiskFull: true))
            )
        ),
        (
            "appendReply, conflict", appendReplyConflict,
            .raft(
                .appendReply(
                    AppendReply(
                        term: Term(3), round: 12,
                        outcome: .conflict(rejected: LogIndex(7), hint: entry(5, 1)))))
        ),
        (
            "readIndexRequest", readIndexRequest,
            .raft(.readIndexRequest(ReadIndexRequest(term: Term(3), id: readID)))
        ),
        (
            "readIndexReply", readIndexReply,
            .raft(.readIndexReply(ReadIndexReply(term: Term(3), id: readID, index: LogIndex(9))))
        ),
        (
            "timeoutNow", timeoutNow,
            .raft(.timeoutNow(TimeoutNow(term: Term(5), transfer: 2, last: entry(10, 5))))
        ),
        (
            "installSnapshot", installSnapshot,
            .raft(
                .installSnapshot(
                    InstallSnapshot(
                        term: Term(5), round: 12, last: entry(100, 4), total: 600, offset: 512,
                        bytes: Array("TALLYSNP".utf8))))
        ),
        (
            "installSnapshot, no bytes", installSnapshotNoBytes,
            .raft(
                .installSnapshot(
                    InstallSnapshot(
                        term: Term(5), round: 13, last: entry(100, 4), total: 600, offset: 0,
                        bytes: [])))
        ),
        (
            "snapshotReply", snapshotReply,
            .raft(
                .snapshotReply(
                    SnapshotReply(term: Term(5), round: 12, last: entry(100, 4), received: 520)))
        ),
    ]

    /// The bytes that hexadecimal digits spell; line breaks are passed over.
    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    private static let readID = ReadID(nonce: 0xCAFE, counter: 1)

    private static func entry(_ index: UInt64, _ term: UInt64) -> EntryID {
        EntryID(index: LogIndex(index), term: Term(term))
    }

    private static func node(_ name: String) -> NodeID {
        guard let node = NodeID(name) else { preconditionFailure("\(name) is no name") }
        return node
    }

    private static let record = record(from: nil)
    private static let restoredRecord = record(from: 0xFEDC_BA98_7654_3210)

    private static func record(from origin: UInt64?) -> FoundingRecord {
        let members = [
            FoundingRecord.Member(node: node("n1"), disk: DiskID(0xA1)),
            FoundingRecord.Member(node: node("n2"), disk: DiskID(0xA2)),
        ]
        let record = FoundingRecord(
            cluster: Array("example".utf8), members: members, origin: origin)
        guard let record else { preconditionFailure("no record") }
        return record
    }

    private static let helloMessage = Hello(
        cluster: Array("example".utf8), node: node("n1"), disk: DiskID(0xA1),
        nonce: 0x0123_4567_89AB_CDEF,
        earlierStarts: StartHistory(count: 2, nonces: [0x22, 0x11])!, founding: .newborn,
        voters: [node("n1"), node("n2")],
        http: Array("127.0.0.1:8001".utf8), raft: Array("127.0.0.1:9001".utf8))

    private static let welcomeMessage = Hello(
        cluster: Array("example".utf8), node: node("n2"), disk: DiskID(0xA2), nonce: 7,
        founding: .pledged(record), voters: [node("n1"), node("n2")],
        http: Array("[::1]:8002".utf8), raft: Array("[::1]:9002".utf8))

    private static let appendEntriesMessage: AppendEntries = {
        var entries = EntryBatch()
        entries.append(term: Term(2), kind: .noOperation, payload: 0..<0, of: [])
        let command: [UInt8] = [2, 5, 0, 0, 0, 0, 0, 0, 0]
        entries.append(term: Term(3), kind: .command, payload: 0..<9, of: command)
        return AppendEntries(
            term: Term(3), previous: entry(7, 2), commit: LogIndex(6), round: 12, voidTransfers: 4,
            entries: entries)
    }()

    private static let appendEntriesOfLevel2Message: AppendEntries = {
        var entries = EntryBatch()
        entries.append(term: Term(3), kind: .featureLevel, payload: 0..<2, of: [2, 0])
        let envelope = [1, 1, 2, 0x6B, 0x37, 2, 5, 0, 0, 0, 0, 0, 0, 0] as [UInt8]
        entries.append(term: Term(3), kind: .envelope, payload: 0..<14, of: envelope)
        return AppendEntries(
            term: Term(3), previous: entry(9, 3), commit: LogIndex(9), round: 12, entries: entries)
    }()

    static let helloOfVersion2 = """
        5a000000020100006a563426076578616d706c65026e31a100000000000000efcdab896745230102
        0000000000000002220000000000000011000000000000000002026e31026e320e3132372e302e30
        2e313a383030310e3132372e302e302e313a39303031
        """
    static let hello = """
        5e0000000301000098e15045076578616d706c65026e31a100000000000000efcdab896745230102
        0000000000000002220000000000000011000000000000000002026e31026e320e3132372e302e30
        2e313a383030310e3132372e302e302e313a3930303101000200
        """
    static let helloWithLogEnd = """
        7700000003010000e14becd4076578616d706c65026e31a100000000000000efcdab896745230102
        0000000000000002220000000000000011000000000000000002026e31026e320e3132372e302e30
        2e313a383030310e3132372e302e302e313a39303031010002000205000000000000000900000000
        0000000400000000000000
        """
    static let helloRestored = """
        670000000301000049accfa3076578616d706c65026e31a100000000000000efcdab896745230102
        0000000000000002220000000000000011000000000000000002026e31026e320e3132372e302e30
        2e313a383030310e3132372e302e302e313a3930303101000200011032547698badcfe
        """
    static let welcomeOfVersion2 = """
        610000000202000084049540076578616d706c65026e32a200000000000000070000000000000000
        000000000000000001076578616d706c6502026e31a100000000000000026e32a200000000000000
        02026e31026e320a5b3a3a315d3a383030320a5b3a3a315d3a39303032
        """
    static let welcome = """
        6500000003020000063d9cec076578616d706c65026e32a200000000000000070000000000000000
        000000000000000001076578616d706c6502026e31a100000000000000026e32a200000000000000
        02026e31026e320a5b3a3a315d3a383030320a5b3a3a315d3a3930303201000200
        """
    static let refusal = """
        1c000000020300006951a9cb0219006e33206973206e6f20766f746572206f66206578616d706c65
        """
    static let refusalOldVersion = """
        19000000030300002ef9b3960b16006e33206861732066656174757265206c6576656c2031
        """
    static let founding = """
        20000000020400001a7c8c0f02076578616d706c6502026e31a100000000000000026e32a2000000
        00000000
        """
    static let foundingRestored = """
        28000000020400001a7e390f02076578616d706c6582026e31a100000000000000026e32a2000000
        000000001032547698badcfe
        """
    static let ping = """
        08000000020500001c68c9c20807060504030201
        """
    static let pong = """
        0800000002060000ae06b77e0807060504030201
        """
    static let preVoteRequest = """
        18000000021000009594d35704000000000000000a000000000000000300000000000000
        """
    static let preVoteReply = """
        11000000021100002c44f61d0400000000000000030000000000000001
        """
    static let voteRequest = """
        18000000021200005b73e15105000000000000000a000000000000000300000000000000
        """
    static let voteReply = """
        09000000021300005eb01970050000000000000000
        """
    static let appendEntries = """
        53000000021400004fec4bd903000000000000000700000000000000020000000000000006000000
        000000000c0000000000000004000000000000000200000000000000000000000003000000000000
        000109000000020500000000000000
        """
    static let appendEntriesOfLevel2 = """
        5a000000021400005f2f269103000000000000000900000000000000030000000000000009000000
        000000000c0000000000000000000000000000000300000000000000020200000002000300000000
        000000030e0000000101026b37020500000000000000
        """
    static let appendReply = """
        1900000002150000d3b1419303000000000000000c00000000000000000900000000000000
        """
    static let appendReplyDiskFull = """
        190000000315000097a00b8903000000000000000c00000000000000020900000000000000
        """
    static let appendReplyConflict = """
        2900000002150000241feddc03000000000000000c00000000000000010700000000000000050000
        00000000000100000000000000
        """
    static let readIndexRequest = """
        1800000002160000ee5e76780300000000000000feca0000000000000100000000000000
        """
    static let readIndexReply = """
        200000000217000063eb6c390300000000000000feca000000000000010000000000000009000000
        00000000
        """
    static let timeoutNow = """
        20000000021800001fb3435f050000000000000002000000000000000a0000000000000005000000
        00000000
        """
    static let refusalLostAcknowledgement = """
        1500000003030000362d64490c12006e322773206c6f6720656e64732061742037
        """
    static let stateHash = """
        10000000030700006a4a4a670004000000000000cdab8967452301ef
        """
    static let installSnapshot = """
        38000000031900005de609cf05000000000000000c00000000000000640000000000000004000000
        000000005802000000000000000200000000000054414c4c59534e50
        """
    static let installSnapshotNoBytes = """
        30000000031900001914871605000000000000000d00000000000000640000000000000004000000
        0000000058020000000000000000000000000000
        """
    static let snapshotReply = """
        28000000031a0000dea68a5605000000000000000c00000000000000640000000000000004000000
        000000000802000000000000
        """
}

@Suite struct GoldenFrameTests {
    @Test func theExamplesAreWrittenAndRead() throws {
        for sample in Golden.all {
            let bytes = Golden.bytes(sample.hex)
            #expect(encode(sample.message) == bytes, "\(sample.name)")
            let decoded = try #require(try decode(bytes))
            #expect(decoded.message == sample.message, "\(sample.name)")
            #expect(decoded.consumed == bytes.count)
        }
        for kind in FrameKind.allCases {
            let versions = Golden.all.map { Golden.bytes($0.hex) }
                .filter { $0[5] == kind.rawValue }.map { $0[4] }
            #expect(Set(versions) == Set(kind.versions), "\(kind)")
        }
    }

    /// What an old program says and reads stays as it was: nothing but a greeting with levels, a reason
    /// that it can't know, hashes and snapshots are of version 3.
    @Test func anOldProgramsFramesStayAsTheyWere() {
        for sample in Golden.all where Golden.bytes(sample.hex)[4] == 3 {
            switch sample.message {
            case .hello(let hello), .welcome(let hello): #expect(hello.levels != nil)
            case .refusal(let refusal): #expect(refusal.reason.rawValue > 10)
            case .stateHash, .raft(.installSnapshot), .raft(.snapshotReply): break
            case .raft(.appendReply(let reply)): #expect(reply.isDiskFull)
            default: Issue.record("\(sample.name) is of version 3")
            }
        }
    }
}

extension Hello {
    /// The same from a program that knows its levels.
    var withLevels: Hello {
        var hello = self
        hello.levels = FeatureLevel(1)...FeatureLevel(2)
        return hello
    }

    /// The same, whose sender says in term 5 that its log ends with entry 9 of term 4.
    var withLogEnd: Hello {
        var hello = self
        hello.logEnd = LogEnd(term: Term(5), last: EntryID(index: LogIndex(9), term: Term(4)))
        return hello
    }

    /// The same from a disk that was restored from a backup.
    var restored: Hello {
        var hello = self
        hello.origin = 0xFEDC_BA98_7654_3210
        return hello
    }
}
