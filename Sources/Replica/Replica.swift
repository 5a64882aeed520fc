import Founding
import Primitives
import Raft
import Wire

/// One member of the cluster, without I/O: the Raft core, the handshake with its peers, the founding of
/// the cluster, and the clients that wait for answers. What the log's commands mean it does not know:
/// an `Engine` applies them.
///
/// Like the core it is a value that changes in `step` and `request` alone. The host turns what its
/// sockets, its disk and its clock say into events, ends each turn with `turnEnded`, and carries out the effects. Within a
/// turn, connections that ended come first, then messages, then the deadline, then clients.
public struct Replica: ~Copyable {
    /// Who this node is and what its config file says.
    public struct Identity: Sendable {
        /// The cluster's name.
        public var cluster: [UInt8]
        /// This node.
        public var node: NodeID
        /// The disk it runs on.
        public var disk: DiskID
        /// A random number of this process.
        public var nonce: UInt64
        /// The starts of that disk before this process.
        public var earlierStarts: StartHistory
        /// The founding voters that the config file names.
        public var founders: [NodeID]
        /// The HTTP address that others are told, `HOST:PORT`.
        public var http: [UInt8]
        /// The Raft address that others are told, `HOST:PORT`.
        public var raft: [UInt8]
        /// The feature levels that the program can do; nil for one that speaks as programs did before there
        /// were any.
        public var levels: ClosedRange<FeatureLevel>?
        /// The digest of the backup that the disk was restored from; nil for none.
        public var origin: UInt64?

        /// A node by its id, disk and process, with what its file says.
        public init(
            cluster: [UInt8], node: NodeID, disk: DiskID, nonce: UInt64,
            earlierStarts: StartHistory = StartHistory(), founders: [NodeID], http: [UInt8],
            raft: [UInt8], levels: ClosedRange<FeatureLevel>? = .initial ... .current,
            origin: UInt64? = nil
        ) {
            self.cluster = cluster
            self.node = node
            self.disk = disk
            self.nonce = nonce
            self.earlierStarts = earlierStarts
            self.founders = founders.sorted()
            self.http = http
            self.raft = raft
            self.levels = levels
            self.origin = origin
        }
    }

    /// Who this node is.
    public let identity: Identity
    let timing: Timing
    let requestTimeout: Timespan

    /// This node's Raft server; it has no voters until the cluster is founded.
    var raft: Raft
    let isCommand: @Sendable ([UInt8], Range<Int>) -> Bool

    /// How far this disk is on the way to a founded cluster.
    public internal(set) var founding: FoundingState
    /// Which voters are known to have pledged to the same record.
    var knownPledges: [NodeID] = []
    var wantedFounding: FoundingState?
    /// The newest start of each peer that this disk remembers, and those that it is to.
    var peerStarts: [PeerStart]
    var wantedPeerStarts: [PeerStart] = []

    /// The cluster's feature level: that of the log as far as it is known to be committed. It never falls.
    public internal(set) var featureLevel = FeatureLevel.initial
    /// The level by which the connections were judged.
    var enforcedLevel = FeatureLevel.initial
    /// The last entry of the newest snapshot on this disk; zero where there is none.
    var newestSnapshot = EntryID.zero

    // What the voters' states come to: Replica+StateHashes.swift.
    var hashes = StateHashes()
    var verified = LogIndex.zero
    /// The commit index at the last look at whether the log rests.
    var restingCommit = LogIndex.zero
    /// Where voters differ and none of their states has a majority.
    var unsettledHash: LogIndex?
    /// Whether a majority has another state than this node.
    var isOutvoted = false

    var links: [Link] = []
    /// Which nodes are called next in the words of a program from before the feature levels.
    var plainCalls: [NodeID] = []
    var nextPing: UInt64 = 1
    var keepaliveDue = Instant.origin
    /// Why this node is going to end, and when.
    var ending: (reason: EndReason, due: Instant)?

    var outstanding: OutstandingDiskWrite?

    // Clients: Replica+Writes.swift and Replica+Reads.swift.
    @usableFromInline var payloads = Payloads()
    var proposers: [RequestID] = []
    var waitingWrites = RingBuffer<WaitingWrite>(capacity: 1_024)
    var nextExpiry = Instant.never
    var unsentReads: [WaitingRead] = []
    var readAttempts: [ReadAttempt] = []
    /// How many reads wait: those of all attempts, and those in none.
    var waitingReads = 0
    var readCounter: UInt64 = 0
    // Changes of leadership: Replica+Transfer.swift.
    var waitingTransfers: [WaitingTransfer] = []
    var deferredWrites: [DeferredWrite] = []
    /// Until when writes are deferred for a successor that is not known yet.
    var successorDue = Instant.origin
    var triedSuccessors: [NodeID] = []
    var hasNoSuccessor = false
    /// To whom a leader whose disk is full has tried to hand over, and when it tries again:
    /// Replica+FullDisk.swift.
    var handover = Handover()
    /// Whether the node is about to end and takes no new writes.
    public internal(set) var isStopping = false

    /// When less than a majority of the voters was found to answer; nil while a leader is known.
    var majorityLostAt: Instant?

    private var announced: (leader: NodeID?, term: Term) = (nil, .zero)

    /// A node that starts with what its disk held.
    ///
    /// - Parameters:
    ///   - identity: who it is.
    ///   - timing: heartbeat and election timeouts.
    ///   - requestTimeout: how long a client waits at most.
    ///   - hardState: term and vote from the disk.
    ///   - log: the entries from the disk.
    ///   - commit: an index known to be committed, from the disk's newest mark.
    ///   - founding: how far the disk was on the way to a founded cluster. Its record names
    ///     `identity`'s cluster, node, disk and founders.
    ///   - peerStarts: the newest start that the disk remembers of each peer.
    ///   - snapshot: the newest snapshot on the disk, which ends with the log's base or an entry of the
    ///     log; a log that has a base has one.
    ///   - snapshotLimits: how the log is cut behind snapshots, and in which pieces they are sent.
    ///   - isCommand: whether a range of bytes is exactly one command; what a peer sends is checked
    ///     before it enters the log.
    ///   - now: the time.
    public init(
        identity: Identity, timing: Timing, requestTimeout: Timespan, hardState: HardState,
        log: consuming EntryLog, commit: LogIndex, founding: FoundingState,
        peerStarts: [PeerStart] = [], snapshot: Snapshot? = nil,
        snapshotLimits: SnapshotLimits = .standard,
        isCommand: @escaping @Sendable ([UInt8], Range<Int>) -> Bool, at now: Instant
    ) {
        self.identity = identity
        self.timing = timing
        self.requestTimeout = requestTimeout
        self.founding = founding
        self.peerStarts = peerStarts
        self.isCommand = isCommand
        raft = Raft(
            id: identity.node, timing: timing, seed: identity.nonce, hardState: hardState,
            log: log, snapshot: snapshot, commit: commit, limits: snapshotLimits)
        newestSnapshot = snapshot?.last ?? .zero
        keepaliveDue = now + ReplicaLimits.keepalive
        if case .founded(let record) = founding {
            var nothing = Raft.Effects()
            raft.step(.configured(voters: record.voters), at: now, into: &nothing)
        }
        noteLevel()
        // What the disk knows is no news, and no connection is to be judged by it again.
        enforcedLevel = featureLevel
    }

    /// When the host must step `deadlineReached`, unless other events move it.
    public var deadline: Instant {
        var deadline = min(raft.deadline, min(keepaliveDue, nextExpiry))
        if let contest = earliestContestDeadline { deadline = min(deadline, contest) }
        if let ending { deadline = min(deadline, ending.due) }
        return deadline
    }

    /// Hands the log to `body`, which must not keep it.
    public func withLog<Result>(_ body: (borrowing EntryLog) -> Result) -> Result {
        body(raft.log)
    }

    /// The highest index known to be committed.
    public var commit: LogIndex { raft.commit }

    /// Takes a client's request in, after the turn's events.
    ///
    /// An answer that is known at once is returned. Nil means that exactly one answer with this id
    /// follows in `effects.answers` of this step or a later one, unless the node ends before.
    @inlinable
    public mutating func request<Command: LogCommand>(
        _ request: Request<Command>, _ id: RequestID, at now: Instant, into effects: inout Effects
    ) -> Answer? {
        if isInDoubt, request.needsState { return .unavailable(.diverged) }
        switch request {
        case .write(let command):
            payloads.append { command.append(to: &$0) }
            return proposeNewestPayload(id, at: now)
        case .guardedWrite(let command, let writeGuard):
            appendPayload(command, writeGuard)
            return proposeNewestPayload(id, at: now)
        case .read: return requestRead(id, at: now)
        case .transfer(let target): return requestTransfer(to: target, id, at: now, into: &effects)
        }
    }

    /// Takes one event in and adds what it leads to.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: when; never before the `now` of an earlier step.
    ///   - effects: what the host is to do. Writes to the disk, and messages that replicate, are
    ///     added by `turnEnded` alone.
    public mutating func step(
        _ event: consuming Event, at now: Instant, into effects: inout Effects
    ) {
        switch consume event {
        case .linkOpened(let link, let dialed, let isHearsay):
            linkOpened(link, dialed: dialed, isHearsay: isHearsay, at: now, into: &effects)
        case .linkClosed(let link):
            noteUnanswered(link)
            linkClosed(link, at: now, into: &effects)
        case .received(let message, let link):
            received(message, on: link, at: now, into: &effects)
        case .badFrame(let fault, let link):
            takeFault(fault, on: link, at: now, into: &effects)
        case .deadlineReached: deadlineReached(at: now, into: &effects)
        case .persisted(let write): persisted(write, at: now, into: &effects)
        case .diskFull(let isFull): noteDiskFull(isFull, at: now, into: &effects)
        case .snapshotSaved(let snapshot): snapshotSaved(snapshot, at: now, into: &effects)
        case .snapshotInstalled(let snapshot):
            snapshotInstalled(snapshot, at: now, into: &effects)
        case .snapshotRejected(let last): snapshotRejected(last, at: now, into: &effects)
        case .stateHash(let hash): noteOwnHash(hash, into: &effects)
        case .stopRequested: beginStop(at: now, into: &effects)
        case .requestsAbandoned: abandonRequests(into: &effects)
        case .turnEnded: endTurn(at: now, into: &effects)
        }
    }

    /// Steps the core and carries its effects on.
    mutating func stepRaft(
        _ event: consuming Raft.Event, at now: Instant, into effects: inout Effects
    ) {
        raft.step(event, at: now, into: &effects.raft)
        for outbound in effects.raft.outbox {
            // A message to a peer whose connection has just ended is lost, as in any network; and nothing
            // of a later version is said to a program that does not know it.
            if let link = link(to: outbound.to), isUnderstood(outbound.message, on: link) {
                effects.outbox.append((link, .raft(spelling(of: outbound.message, on: link))))
            }
        }
        for ready in effects.raft.readsReady { readReady(ready) }
        if !effects.raft.notices.isEmpty { forwardNotices(at: now, into: &effects) }
        effects.raft.outbox.removeAll(keepingCapacity: true)
        effects.raft.readsReady.removeAll(keepingCapacity: true)
        if effects.raft.install != nil { requestInstall(into: &effects) }
        noteLevel()
        settleWrites(into: &effects)
    }

    private mutating func deadlineReached(at now: Instant, into effects: inout Effects) {
        stepRaft(.deadlineReached, at: now, into: &effects)
        expireRequests(at: now, into: &effects)
        resolveContests(at: now, into: &effects)
        checkKeepalives(at: now, into: &effects)
        if let ending, now >= ending.due { effects.end = effects.end ?? ending.reason }
    }

    private mutating func endTurn(at now: Instant, into effects: inout Effects) {
        enforceLevel(at: now, into: &effects)
        advanceFounding()
        transferOnStop(at: now, into: &effects)
        transferOnFullDisk(at: now, into: &effects)
        proposeDeferredWrites(at: now, into: &effects)
        proposeLevel(at: now, into: &effects)
        submitProposals(at: now, into: &effects)
        sendReads(at: now, into: &effects)
        raft.hostHasMore = hasOwnToWrite
        stepRaft(.turnEnded, at: now, into: &effects)
        answerReads(into: &effects)
        settleTransfers(into: &effects)
        announceLeader(into: &effects)
        noteMajorityBack(at: now, into: &effects)
        requestWrite(into: &effects)
        withholdAnswers(in: &effects)
    }

    private mutating func announceLeader(into effects: inout Effects) {
        guard announced.leader != raft.leader || announced.term != raft.term else { return }
        if announced.leader != raft.leader || raft.leader != nil {
            effects.notices.append(.leader(raft.leader, raft.term))
        }
        announced = (raft.leader, raft.term)
    }
}
