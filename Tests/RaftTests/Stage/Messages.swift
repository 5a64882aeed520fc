import Primitives

@testable import Raft

/// What a message is, without what it says.
enum MessageKind {
    case preVoteRequest, preVoteReply, voteRequest, voteReply, appendEntries, appendReply
    case readIndexRequest, readIndexReply, timeoutNow, installSnapshot, snapshotReply
}

extension Message {
    var kind: MessageKind {
        switch self {
        case .preVoteRequest: .preVoteRequest
        case .preVoteReply: .preVoteReply
        case .voteRequest: .voteRequest
        case .voteReply: .voteReply
        case .appendEntries: .appendEntries
        case .appendReply: .appendReply
        case .readIndexRequest: .readIndexRequest
        case .readIndexReply: .readIndexReply
        case .timeoutNow: .timeoutNow
        case .installSnapshot: .installSnapshot
        case .snapshotReply: .snapshotReply
        }
    }

    var asAppendEntries: AppendEntries? {
        if case .appendEntries(let append) = self { append } else { nil }
    }

    var asAppendReply: AppendReply? {
        if case .appendReply(let reply) = self { reply } else { nil }
    }

    var asInstallSnapshot: InstallSnapshot? {
        if case .installSnapshot(let piece) = self { piece } else { nil }
    }

    var asReadIndexReply: ReadIndexReply? {
        if case .readIndexReply(let reply) = self { reply } else { nil }
    }

    // Short spellings for messages that a test writes by hand.

    static func preVote(_ term: UInt64, last: EntryID = .zero) -> Message {
        .preVoteRequest(PreVoteRequest(term: Term(term), last: last))
    }

    static func preVoteAnswer(_ term: UInt64, askedIn: UInt64, _ granted: Bool) -> Message {
        .preVoteReply(PreVoteReply(term: Term(term), askedIn: Term(askedIn), granted: granted))
    }

    static func vote(_ term: UInt64, last: EntryID = .zero) -> Message {
        .voteRequest(VoteRequest(term: Term(term), last: last))
    }

    static func voteAnswer(_ term: UInt64, _ granted: Bool) -> Message {
        .voteReply(VoteReply(term: Term(term), granted: granted))
    }

    static func append(
        _ term: UInt64, after previous: EntryID = .zero, _ entries: String = "",
        commit: UInt64 = 0, round: UInt64 = 0, voidTransfers: UInt64 = 0
    ) -> Message {
        .appendEntries(
            AppendEntries(
                term: Term(term), previous: previous, commit: LogIndex(commit), round: round,
                voidTransfers: voidTransfers, entries: EntryBatch(entries)))
    }

    static func timeoutNow(_ term: UInt64, _ transfer: UInt64, last: EntryID) -> Message {
        .timeoutNow(TimeoutNow(term: Term(term), transfer: transfer, last: last))
    }

    static func matched(_ term: UInt64, _ index: UInt64, round: UInt64 = 0) -> Message {
        .appendReply(
            AppendReply(term: Term(term), round: round, outcome: .matched(LogIndex(index))))
    }

    static func conflict(_ term: UInt64, at rejected: UInt64, hint: EntryID) -> Message {
        .appendReply(
            AppendReply(
                term: Term(term), round: 0,
                outcome: .conflict(rejected: LogIndex(rejected), hint: hint)))
    }

    static func snapshot(
        _ term: UInt64, of snapshot: Snapshot, _ range: Range<Int>? = nil, round: UInt64 = 0
    ) -> Message {
        let range = range ?? 0..<snapshot.bytes.count
        return .installSnapshot(
            InstallSnapshot(
                term: Term(term), round: round, last: snapshot.last,
                total: UInt64(snapshot.bytes.count), offset: UInt64(range.lowerBound),
                bytes: Array(snapshot.bytes[range])))
    }

    static func received(
        _ term: UInt64, _ count: Int, of snapshot: Snapshot, round: UInt64 = 0
    ) -> Message {
        .snapshotReply(
            SnapshotReply(
                term: Term(term), round: round, last: snapshot.last, received: UInt64(count)))
    }

    static func readIndex(_ term: UInt64, _ counter: UInt64) -> Message {
        .readIndexRequest(
            ReadIndexRequest(term: Term(term), id: ReadID(nonce: 1, counter: counter)))
    }

    static func readIndexAnswer(
        _ term: UInt64, _ counter: UInt64, index: UInt64, nonce: UInt64 = 1
    ) -> Message {
        .readIndexReply(
            ReadIndexReply(
                term: Term(term), id: ReadID(nonce: nonce, counter: counter),
                index: LogIndex(index)))
    }
}

/// The entry at an index, made in a term.
func entry(_ index: UInt64, term: UInt64) -> EntryID {
    EntryID(index: LogIndex(index), term: Term(term))
}

extension EntryBatch {
    /// The batch that a text like `1:- 1:a` spells.
    init(_ text: String) {
        self.init()
        for entry in StagedEntry.entries(text) {
            append(
                term: entry.term, kind: entry.kind, payload: 0..<entry.payload.count,
                of: entry.payload)
        }
    }

    /// The entries as text, as in `1:- 1:a`.
    var text: String {
        var words: [String] = []
        var offset = 0
        while let (term, kind, payload) = entry(at: &offset) {
            let entry = StagedEntry(term: term, kind: kind, payload: Array(bytes[payload]))
            words.append(entry.description)
        }
        return words.joined(separator: " ")
    }
}

extension Stage {
    /// What a server has sent and nobody has taken yet, to one receiver or to all.
    func sent(_ from: NodeID, to: NodeID? = nil, _ kind: MessageKind? = nil) -> [Message] {
        inFlight.filter { packet in
            packet.from == from && (to == nil || packet.to == to)
                && (kind == nil || packet.message.kind == kind)
        }.map(\.message)
    }

    /// A server finds out that it would be elected and asks for votes; the requests are under way,
    /// or wait for its disk.
    func makeCandidate(_ id: NodeID) {
        expire(id)
        deliver { [.preVoteRequest, .preVoteReply].contains($0.message.kind) }
    }

    /// What the servers' logs hold, in the order of their names.
    var logs: [String] { players.map(\.log) }

    /// The servers' commit indexes, in the order of their names.
    var commits: [UInt64] { players.map { $0.raft.commit.number } }
}
