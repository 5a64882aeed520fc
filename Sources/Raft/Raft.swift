import Primitives

/// One server's share of the Raft algorithm (Ongaro and Ousterhout, "In Search of an Understandable
/// Consensus Algorithm", extended version; "thesis" is Ongaro's dissertation).
///
/// A value with one door: `step` takes an event and a time, changes the state, and says what it
/// wants done. It never waits, never asks the time, and draws its randomness from a seed, so the
/// same events give the same effects. The host feeds it what happens, ends each turn with
/// `turnEnded`, and carries out the effects; it has no order to get wrong, since whatever promises
/// something is kept back here until `persisted` says that its grounds are on disk.
public struct Raft: ~Copyable {
    /// This server.
    public let id: NodeID
    let timing: Timing
    let limits: SnapshotLimits
    var random: RandomSource

    /// The cluster's voters, sorted; empty while this server does not know any.
    public internal(set) var voters: [NodeID] = []
    /// The other voters, in the order of `voters`.
    public internal(set) var peers: [Peer] = []
    var quorum = Quorum(voters: 0)

    /// The latest term seen.
    public internal(set) var term: Term
    /// Who got this server's vote in `term`.
    public internal(set) var vote: NodeID?
    /// The part that this server plays.
    public internal(set) var role = Role.follower
    /// Who leads in `term`, where that is known.
    public internal(set) var leader: NodeID?

    /// The log.
    public internal(set) var log: EntryLog
    /// The highest index known to be committed; never falls.
    public internal(set) var commit: LogIndex

    // What of this is on disk: Raft+Persistence.swift.
    var isHardStateDirty = false
    var unwrittenFrom: LogIndex?
    /// Where the disk's log is to begin anew with the next write.
    var unwrittenBase: EntryID?
    var lastWrite = WriteID.zero
    var outstanding: OutstandingWrite?
    /// Whether the host has something of its own to write: then the next write is asked for even
    /// where nothing of the core's is new.
    public var hostHasMore = false
    /// The last index up to which the log, or the snapshot before it, is on disk.
    public internal(set) var durableThrough: LogIndex
    /// Whether a write was finished in this turn.
    var hasDiskProgress = false
    var pendingPromises = RingBuffer<PendingPromise>()
    // Raft+FullDisk.swift.
    /// Whether the disk has no space for new entries.
    public internal(set) var isDiskFull = false
    /// How many bytes of entries it still takes.
    var roomOnFullDisk = 0
    /// How many election timeouts have passed on the full disk without a leader.
    var timeoutsOnFullDisk = 0

    // Snapshots: Raft+Compaction.swift, and a leader's that come in: Raft+Installing.swift.
    /// The newest snapshot that this disk holds: what followers get that lack what the log no longer
    /// holds.
    public internal(set) var snapshot: Snapshot?
    /// Up to where the log is cut as soon as it is on disk that far.
    var compactable: LogIndex
    var incoming: IncomingSnapshot?
    /// The last entry of the snapshot that the host is about to install.
    public internal(set) var installing: EntryID?
    /// The snapshot whose pieces came in this turn: its sender waits for an answer.
    var owedSnapshotReply: (last: EntryID, total: UInt64)?
    /// How many snapshots the host has rejected.
    public internal(set) var rejectedSnapshots: UInt64 = 0

    // A follower's view of its leader: Raft+Following.swift.
    var electionDeadline = Instant.never
    /// When the election timer was last set.
    var timerStart = Instant.origin
    /// Since when this server has been asking for votes, attempt after attempt; counts only while it
    /// is no follower and does not lead.
    public internal(set) var askingSince = Instant.origin
    /// The leader whose connection ended, until a leader is known again.
    var lostLeader: NodeID?
    var lastLeaderContact = Instant.origin
    /// The last index up to which the log is known to agree with the leader's.
    var verifiedThrough: LogIndex
    /// The last index that the leader has been told to be verified and durable.
    var acknowledgedThrough = LogIndex.zero
    var newestRound: UInt64 = 0
    /// When the oldest of the leader's messages came that is not answered yet.
    var owesReplySince: Instant?
    /// Whether one of them is a heartbeat or asks for a read round.
    var isReplyUrgent = false
    var deferredPreVote: DeferredPreVote?

    // A leader's rounds and reads: Raft+Reads.swift.
    var heartbeatDue = Instant.never
    var round: UInt64 = 0
    var wantsRound = false
    var earlyReads: [(id: ReadID, origin: NodeID?)] = []
    var pendingReads = RingBuffer<PendingRead>()

    // Handing leadership over: Raft+Transfer.swift.
    var transfer: Transfer?
    /// How many transfers this server has begun in its term as leader.
    var lastTransfer: UInt64 = 0
    /// The number up to which the transfers of this term are void.
    var voidTransfers: UInt64 = 0
    var isStopping = false

    /// How many messages were dropped: from servers that are no voters, or out of date.
    public internal(set) var droppedMessages: UInt64 = 0

    /// A server that starts with what its disk held.
    ///
    /// - Parameters:
    ///   - id: this server.
    ///   - timing: how long it waits for what.
    ///   - seed: fixes its election timeouts; servers of a cluster need different ones.
    ///   - hardState: term and vote from the disk.
    ///   - log: the entries from the disk.
    ///   - snapshot: the newest snapshot from the disk, one that ends at the log's base or within the
    ///     log; a log that has a base has one.
    ///   - commit: an index that is known to be committed, at most the log's last; zero if none is.
    ///   - limits: how the log is cut behind snapshots.
    public init(
        id: NodeID, timing: Timing, seed: UInt64, hardState: HardState, log: consuming EntryLog,
        snapshot: Snapshot? = nil, commit: LogIndex, limits: SnapshotLimits = .standard
    ) {
        let (base, last) = (log.base, log.last)
        let covered = snapshot?.last ?? .zero
        let isCovered = covered.index >= base.index && log.contains(covered)
        // The log moves before anything else is set: with optimization, the compiler (Swift 6.3) took a
        // move behind the branch below for one into a log that is there, and destroyed what was not.
        self.log = log
        precondition(commit <= last.index, "commit \(commit) beyond \(last.index)")
        precondition(
            isCovered, "a log from \(base) to \(last) with a snapshot that ends with \(covered)")
        self.id = id
        self.timing = timing
        self.limits = limits
        random = RandomSource(seed: seed)
        // A snapshot may reach the disk before the term of its last entry does. Nothing was promised in
        // a term that is not on disk.
        let isBehind = covered.term > hardState.term
        term = isBehind ? covered.term : hardState.term
        vote = isBehind ? nil : hardState.vote
        isHardStateDirty = isBehind
        precondition(last.term <= term, "the log is ahead of \(term)")
        durableThrough = last.index
        // What a snapshot holds was committed.
        self.commit = max(commit, covered.index)
        verifiedThrough = base.index
        compactable = base.index
        self.snapshot = snapshot
    }

    /// Whether this server votes and may lead.
    public var isVoter: Bool { voters.contains(id) }

    /// When the host must step `deadlineReached`, unless other events move it.
    public var deadline: Instant {
        if !isVoter { return .never }
        if role == .leader {
            if hasMoreToSend { return .origin }
            return min(heartbeatDue, min(diskStallDue, transfer?.deadline ?? .never))
        }
        return isStopping ? .never : electionDeadline
    }

    /// Takes one event in and adds what it leads to.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: when; never before the `now` of an earlier step.
    ///   - effects: what the host is to do. Writes, entries and acknowledgements are added by
    ///     `turnEnded` alone, so that a busy turn makes one of each.
    public mutating func step(
        _ event: consuming Event, at now: Instant, into effects: inout Effects
    ) {
        switch consume event {
        case .deadlineReached: deadlineReached(at: now, into: &effects)
        case .configured(let voters): configure(voters, at: now)
        case .connected(let peer, let start):
            connected(peer, start: start, at: now, into: &effects)
        case .entriesLost(let entries, let start):
            entriesLost(entries, start: start, into: &effects)
        case .connectionLost(let peer): connectionLost(peer, at: now, into: &effects)
        case .received(let message, let sender):
            receive(message, from: sender, at: now, into: &effects)
        case .submitted(let payloads): submit(payloads, into: &effects)
        case .readRequested(let id): requestRead(id, into: &effects)
        case .transferRequested(let target): beginTransfer(to: target, at: now)
        case .stopRequested: isStopping = true
        case .persisted(let write): persisted(through: write, at: now, into: &effects)
        case .diskFull(let isFull): noteDiskFull(isFull, at: now)
        case .snapshotSaved(let snapshot): saved(snapshot)
        case .snapshotInstalled(let snapshot): installed(snapshot, at: now)
        case .snapshotRejected(let last): rejected(last)
        case .turnEnded: endTurn(at: now, into: &effects)
        }
    }

    private mutating func receive(
        _ message: Message, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard peers.contains(where: { $0.id == sender }), isVoter else {
            droppedMessages += 1
            return
        }
        // Raft figure 2, all servers: a higher term makes a follower. A pre-vote question asks about
        // a term that may never come, so it alone changes nothing.
        if message.term > term, !message.isPreVoteRequest {
            noteNewerTerm(message.term, at: sender, into: &effects)
            becomeFollower(in: message.term, at: now)
        }
        switch message {
        case .preVoteRequest(let request):
            handlePreVoteRequest(request, from: sender, at: now, into: &effects)
        case .preVoteReply(let reply):
            handlePreVoteReply(reply, from: sender, at: now, into: &effects)
        case .voteRequest(let request):
            handleVoteRequest(request, from: sender, at: now, into: &effects)
        case .voteReply(let reply):
            handleVoteReply(reply, from: sender, at: now, into: &effects)
        case .appendEntries(let append):
            handleAppendEntries(append, from: sender, at: now, into: &effects)
        case .appendReply(let reply):
            handleAppendReply(reply, from: sender, at: now, into: &effects)
        case .readIndexRequest(let request):
            handleReadIndexRequest(request, from: sender, into: &effects)
        case .readIndexReply(let reply):
            handleReadIndexReply(reply, from: sender, into: &effects)
        case .timeoutNow(let order):
            handleTimeoutNow(order, from: sender, at: now, into: &effects)
        case .installSnapshot(let piece):
            handleInstallSnapshot(piece, from: sender, at: now, into: &effects)
        case .snapshotReply(let reply):
            handleSnapshotReply(reply, from: sender, at: now, into: &effects)
        }
    }

    private mutating func deadlineReached(at now: Instant, into effects: inout Effects) {
        guard now >= deadline else { return }
        if role == .leader {
            if noteDiskStall(at: now, into: &effects) { return becomeFollower(in: term, at: now) }
            if let transfer, now >= transfer.deadline { cancelTransfer(into: &effects) }
            if now >= heartbeatDue { heartbeat(at: now, into: &effects) }
        } else {
            startPreVote(at: now, into: &effects)
        }
    }

    /// Ends a turn: replication, acknowledgements and the write leave together.
    private mutating func endTurn(at now: Instant, into effects: inout Effects) {
        precondition(commit <= log.lastIndex, "commit \(commit) beyond \(log.lastIndex)")
        precondition(commit >= log.base.index, "commit \(commit) below \(log.base)")
        precondition(durableThrough <= log.lastIndex, "\(durableThrough) beyond \(log.lastIndex)")
        precondition(durableThrough >= log.base.index, "\(durableThrough) below \(log.base)")
        if role == .leader {
            replicate(at: now, into: &effects)
            advanceTransfer(into: &effects)
            confirmReads(into: &effects)
        }
        acknowledgeAppends(at: now, into: &effects)
        acknowledgeSnapshot(into: &effects)
        requestInstall(into: &effects)
        requestWrite(at: now, into: &effects)
    }

    private mutating func configure(_ newVoters: [NodeID], at now: Instant) {
        precondition(newVoters.count <= RaftLimits.voters, "\(newVoters.count) voters")
        precondition(voters.isEmpty, "the voters are fixed once they are known")
        voters = newVoters.sorted()
        precondition(
            zip(voters, voters.dropFirst()).allSatisfy { $0 != $1 }, "a voter twice in \(voters)")
        peers = voters.filter { $0 != id }.map { Peer(id: $0) }
        quorum = Quorum(voters: voters.count)
        resetElectionDeadline(at: now)
    }

    /// Where a voter stands in the sorted list of voters.
    func position(ofVoter voter: NodeID) -> Int {
        guard let position = voters.firstIndex(of: voter) else {
            preconditionFailure("\(voter) is no voter")
        }
        return position
    }

    /// The peer's index in `peers`; nil for a server that is no voter.
    func position(ofPeer peer: NodeID) -> Int? {
        peers.firstIndex { $0.id == peer }
    }
}

extension Message {
    fileprivate var isPreVoteRequest: Bool {
        if case .preVoteRequest = self { true } else { false }
    }
}
