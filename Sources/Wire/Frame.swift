import Primitives
import Raft

/// The header in front of every message.
///
/// ```
/// 0       4         5      6          8          12
/// │ length │ version │ kind │ reserved │ checksum │ body …
/// ```
enum Frame {
    /// How many bytes the header takes.
    static let headerLength = 12
    /// Where the checksum stands.
    static let checksumOffset = 8
    /// The versions of bodies that this code speaks.
    static let versions: ClosedRange<UInt8> = 2...3

    /// The version of the message's body: the lowest that can spell it.
    static func version(of message: PeerMessage) -> UInt8 {
        switch message {
        case .hello(let hello), .welcome(let hello): hello.levels == nil ? 2 : 3
        case .refusal(let refusal): refusal.reason.isOfVersion2 ? 2 : 3
        case .raft(.appendReply(let reply)): reply.isDiskFull ? 3 : 2
        case .stateHash, .raft(.installSnapshot), .raft(.snapshotReply): 3
        default: 2
        }
    }

    /// The checksum of the frame in `bytes[start..<end]`: over all of it but the checksum's field.
    static func checksum(of bytes: [UInt8], from start: Int, to end: Int) -> UInt32 {
        var checksum = CRC32C()
        let span = bytes.span
        checksum.update(span.extracting(start..<start + checksumOffset))
        checksum.update(span.extracting(start + headerLength..<end))
        return checksum.value
    }
}

/// The numbers of the messages on the wire.
enum FrameKind: UInt8, CaseIterable {
    case hello = 1
    case welcome = 2
    case refusal = 3
    case founding = 4
    case ping = 5
    case pong = 6
    case stateHash = 7
    case preVoteRequest = 16
    case preVoteReply = 17
    case voteRequest = 18
    case voteReply = 19
    case appendEntries = 20
    case appendReply = 21
    case readIndexRequest = 22
    case readIndexReply = 23
    case timeoutNow = 24
    case installSnapshot = 25
    case snapshotReply = 26

    /// The kind of frame that carries the message.
    init(of message: PeerMessage) {
        switch message {
        case .hello: self = .hello
        case .welcome: self = .welcome
        case .refusal: self = .refusal
        case .founding: self = .founding
        case .ping: self = .ping
        case .pong: self = .pong
        case .stateHash: self = .stateHash
        case .raft(let message): self.init(of: message)
        }
    }

    private init(of message: Message) {
        switch message {
        case .preVoteRequest: self = .preVoteRequest
        case .preVoteReply: self = .preVoteReply
        case .voteRequest: self = .voteRequest
        case .voteReply: self = .voteReply
        case .appendEntries: self = .appendEntries
        case .appendReply: self = .appendReply
        case .readIndexRequest: self = .readIndexRequest
        case .readIndexReply: self = .readIndexReply
        case .timeoutNow: self = .timeoutNow
        case .installSnapshot: self = .installSnapshot
        case .snapshotReply: self = .snapshotReply
        }
    }

    /// The versions in which bodies of this kind exist.
    var versions: ClosedRange<UInt8> {
        switch self {
        case .hello, .welcome, .refusal, .appendReply: 2...3
        case .stateHash, .installSnapshot, .snapshotReply: 3...3
        default: 2...2
        }
    }

    /// The most bytes that a body of this kind may have.
    var largestBody: Int {
        switch self {
        case .appendEntries, .installSnapshot: Limits.body
        default: Limits.smallBody
        }
    }
}
