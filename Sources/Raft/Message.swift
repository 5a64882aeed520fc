import Primitives

/// What servers say to each other. `term` is always the sender's current term.
public enum Message: Hashable, Sendable {
    /// "Would you vote for me in the next term?" (thesis §9.6). Changes nothing at either side.
    case preVoteRequest(PreVoteRequest)
    /// The answer to a pre-vote request.
    case preVoteReply(PreVoteReply)
    /// RequestVote (Raft §5.2).
    case voteRequest(VoteRequest)
    /// The answer to RequestVote.
    case voteReply(VoteReply)
    /// AppendEntries, the heartbeat included (Raft §5.3).
    case appendEntries(AppendEntries)
    /// The answer to AppendEntries.
    case appendReply(AppendReply)
    /// "Which index must I have applied to answer a read?" (thesis §6.4).
    case readIndexRequest(ReadIndexRequest)
    /// The leader's answer to a read index request.
    case readIndexReply(ReadIndexReply)
    /// "Campaign at once" (thesis §3.10).
    case timeoutNow(TimeoutNow)
    /// InstallSnapshot (Raft §7), one piece of it. Feature level 2.
    case installSnapshot(InstallSnapshot)
    /// The answer to InstallSnapshot.
    case snapshotReply(SnapshotReply)

    /// The sender's current term.
    public var term: Term {
        switch self {
        case .preVoteRequest(let message): message.term
        case .preVoteReply(let message): message.term
        case .voteRequest(let message): message.term
        case .voteReply(let message): message.term
        case .appendEntries(let message): message.term
        case .appendReply(let message): message.term
        case .readIndexRequest(let message): message.term
        case .readIndexReply(let message): message.term
        case .timeoutNow(let message): message.term
        case .installSnapshot(let message): message.term
        case .snapshotReply(let message): message.term
        }
    }
}

/// Asks whether the receiver would vote for the sender in the term after `term`.
public struct PreVoteRequest: Hashable, Sendable {
    /// The sender's term; it would campaign in the next one.
    public var term: Term
    /// The last entry of the sender's log.
    public var last: EntryID

    /// A question by a server in `term` whose log ends with `last`.
    public init(term: Term, last: EntryID) {
        self.term = term
        self.last = last
    }
}

/// Says whether the sender would vote for the receiver.
public struct PreVoteReply: Hashable, Sendable {
    /// The sender's term.
    public var term: Term
    /// The term that stood in the question.
    public var askedIn: Term
    /// Whether it would vote.
    public var granted: Bool

    /// An answer to the question asked in the term `askedIn`.
    public init(term: Term, askedIn: Term, granted: Bool) {
        self.term = term
        self.askedIn = askedIn
        self.granted = granted
    }
}

/// Asks for the receiver's vote in `term`.
public struct VoteRequest: Hashable, Sendable {
    /// The candidate's term.
    public var term: Term
    /// The last entry of the candidate's log.
    public var last: EntryID

    /// A candidate's request in `term`, its log ending with `last`.
    public init(term: Term, last: EntryID) {
        self.term = term
        self.last = last
    }
}

/// Says whether the sender votes for the receiver in `term`.
public struct VoteReply: Hashable, Sendable {
    /// The voter's term.
    public var term: Term
    /// Whether the candidate got the vote.
    public var granted: Bool

    /// An answer in `term`.
    public init(term: Term, granted: Bool) {
        self.term = term
        self.granted = granted
    }
}

/// Entries for a follower's log, or none: a heartbeat.
public struct AppendEntries: Hashable, Sendable {
    /// The leader's term.
    public var term: Term
    /// The entry just before the first of `entries`.
    public var previous: EntryID
    /// The leader's commit index.
    public var commit: LogIndex
    /// The leader's newest round of leadership confirmation in this term (thesis §6.4); the
    /// follower's answer carries it back.
    public var round: UInt64
    /// The number up to which the leader's transfers of its leadership are void; zero while none is.
    public var voidTransfers: UInt64
    /// The entries that follow `previous`.
    public var entries: EntryBatch

    /// A leader's message in `term`.
    public init(
        term: Term, previous: EntryID, commit: LogIndex, round: UInt64, voidTransfers: UInt64 = 0,
        entries: EntryBatch
    ) {
        self.term = term
        self.previous = previous
        self.commit = commit
        self.round = round
        self.voidTransfers = voidTransfers
        self.entries = entries
    }
}

/// What a follower says to AppendEntries.
public struct AppendReply: Hashable, Sendable {
    /// How the follower's log compares.
    public enum Outcome: Hashable, Sendable {
        /// The log agrees with the leader's up to this index and is on disk that far.
        case matched(LogIndex)
        /// The log does not hold the entry before the one at `rejected.next`. The follower's entry
        /// named by `hint` is the last that may agree: the leader backs up to it, skipping whole
        /// terms (Raft §5.3, last part).
        case conflict(rejected: LogIndex, hint: EntryID)
    }

    /// The follower's term.
    public var term: Term
    /// The newest round that the follower has seen from this leader.
    public var round: UInt64
    /// How the logs compare.
    public var outcome: Outcome
    /// Whether the follower's disk is full: it holds no entry beyond the one that matches, or can't store
    /// any. Only where the logs match.
    public var isDiskFull: Bool

    /// A follower's answer in `term`.
    public init(term: Term, round: UInt64, outcome: Outcome, isDiskFull: Bool = false) {
        self.term = term
        self.round = round
        self.outcome = outcome
        self.isDiskFull = isDiskFull
    }
}

/// The name of one attempt to read, never used before by any process: a number that the process drew
/// at its start, and a counter.
public struct ReadID: Hashable, Sendable {
    /// The process's own random number.
    public var nonce: UInt64
    /// Counts the attempts of this process.
    public var counter: UInt64

    /// The attempt of that count, by the process of that nonce.
    public init(nonce: UInt64, counter: UInt64) {
        self.nonce = nonce
        self.counter = counter
    }
}

/// Asks the leader for a read index.
public struct ReadIndexRequest: Hashable, Sendable {
    /// The sender's term.
    public var term: Term
    /// The attempt that the answer must name.
    public var id: ReadID

    /// A request by a server in `term`.
    public init(term: Term, id: ReadID) {
        self.term = term
        self.id = id
    }
}

/// Gives a follower the read index that it asked for.
public struct ReadIndexReply: Hashable, Sendable {
    /// The leader's term.
    public var term: Term
    /// The attempt that is answered.
    public var id: ReadID
    /// The leader's commit index after the request came, confirmed by a quorum.
    public var index: LogIndex

    /// An answer by the leader of `term`.
    public init(term: Term, id: ReadID, index: LogIndex) {
        self.term = term
        self.id = id
        self.index = index
    }
}

/// Tells a follower to campaign at once: its leader hands its leadership over (thesis §3.10).
public struct TimeoutNow: Hashable, Sendable {
    /// The leader's term; the order means nothing in any other.
    public var term: Term
    /// Counts the leader's transfers in this term from 1, so that one that was cancelled is told from
    /// a later one.
    public var transfer: UInt64
    /// The last entry of the leader's log, with which the target's must end.
    public var last: EntryID

    /// An order by the leader of `term`.
    public init(term: Term, transfer: UInt64, last: EntryID) {
        self.term = term
        self.transfer = transfer
        self.last = last
    }
}
