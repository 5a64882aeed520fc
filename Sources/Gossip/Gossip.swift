import Primitives

/// One member's share of the gossip: SWIM (Das, Gupta and Motivala, DSN 2002) with the extensions
/// of Lifeguard (Dadgar, Phillips and Currey, arXiv 1707.00788).
///
/// It finds out who is there, under which addresses, and who is gone. It takes part in no decision
/// of the quorum.
///
/// ```
///             no ack, directly,             told to it: alive i+1
///             by others, by stream     ┌──────────────────────────────┐
///   alive i ──────────────────────▶ suspect i ────────────────▶ dead i ───▶ forgotten
///      │                               │        not refuted           a day
///      └─────────── leaves ────────────┴────▶ left i ────────────────────▶
/// ```
public struct Gossip: ~Copyable {
    /// How many bytes at the start of a stream message say how long it is.
    public static let streamHeaderLength = 4

    let cluster: [UInt8]
    let id: NodeID
    let profile: Profile
    var digest: FoundingDigest?
    var header: MessageWriter.Header
    var random: RandomSource
    var now: Instant

    // The members, and the rumours about them.
    var table: MemberTable
    var queue = RumourQueue()
    var suspicions: [Suspicion] = []
    /// How many were forgotten for new ones in the present step.
    var forgottenInStep = 0
    var refutation: Refutation
    var leaving: LeaveAnnouncement?

    // Who is asked whether it is there.
    var ring = ProbeRing()
    var health: LocalHealth
    var probe: Probe?
    var nextPeriod: Instant
    var relays: [Relay] = []
    /// Whose probes only streams have answered of late, and how many in a row.
    var streamOnly: [(id: NodeID, count: Int)] = []
    /// Members to which only streams get through, and when that may be reported again.
    var blocked: [(id: NodeID, until: Instant)] = []

    // Streams.
    var calls: [CallInFlight] = []
    var lastCall: UInt64 = 0
    var seeds: [Seed]
    /// Which of those that can be called has the next turn.
    var turn = 0
    var nextContact: Instant
    var joinPause: Timespan
    var nextExchange: Instant
    var hasJoined = false
    var lastHeard: Instant

    /// When the host must call `step` with `deadlineReached`.
    public internal(set) var deadline: Instant
    /// Whether no other member has been heard for `Profile.aloneAfter`, though some are known or
    /// there are seeds to call.
    public internal(set) var isAlone = false
    /// Whether the leave has been announced often enough: the host may end.
    public internal(set) var hasLeft = false
    /// What was dropped.
    public internal(set) var counters = Counters()

    /// This member's own incarnation; the host may keep it for the next start.
    public var incarnation: UInt64 { own.incarnation }

    /// Every member that is known, this one included, sorted by id; those that are gone as long as
    /// they are remembered.
    public var members: [Member] { table.members }

    /// Another number whenever `members` has changed.
    public var membersVersion: UInt64 { table.version }

    /// The member of that name, or nil where it is not known.
    public func member(_ id: NodeID) -> Member? { table[id] }

    /// How many rumours wait to be sent on; bounded, like all else, and none after a while
    /// without news.
    package var waitingRumours: Int { queue.count }

    /// A member that knows no other yet. Its first deadline has come already.
    ///
    /// - Parameters:
    ///   - cluster: the cluster's name, which obeys `NodeID.isName`.
    ///   - id: this member.
    ///   - metadata: what it says of itself.
    ///   - seeds: where others may be reached; its own address among them does no harm.
    ///   - profile: how quick and how patient.
    ///   - incarnation: the last one that the host has kept, 0 if none.
    ///   - digest: of the founding record, nil before the founding.
    ///   - seed: fixes all that is drawn.
    ///   - now: the time.
    public init(
        cluster: [UInt8], id: NodeID, metadata: Metadata, seeds: [Address], profile: Profile,
        incarnation: UInt64, digest: FoundingDigest?, seed: UInt64, at now: Instant
    ) {
        precondition(NodeID.isName(cluster), "a cluster without a name")
        precondition(profile.isSound, "\(profile)")
        self.cluster = cluster
        self.id = id
        self.profile = profile
        self.digest = digest
        self.now = now
        header = MessageWriter.Header(cluster: cluster, digest: digest, sender: id)
        random = RandomSource(seed: seed)
        let own = Member(
            id: id, state: .alive, incarnation: min(incarnation, GossipLimits.incarnation - 1),
            since: now, metadata: metadata)
        table = MemberTable(own: own)
        refutation = Refutation(profile: profile)
        health = LocalHealth(ceiling: profile.hasLifeguard ? profile.healthCeiling : 1)
        self.seeds = seeds.prefix(GossipLimits.seeds).map { Seed(address: $0) }
        // Members that start together do not probe together.
        nextPeriod = now + random.timespan(in: .zero...profile.probeInterval)
        nextContact = now
        joinPause = profile.joinInterval
        nextExchange = now + random.timespan(in: .zero...profile.pushPullInterval)
        lastHeard = now
        deadline = now
        queue.add(Rumour(about: own, by: id))
    }

    /// Takes in one event and adds what follows from it to the effects. Nothing that comes from
    /// outside makes it trap; what makes no sense is dropped and counted.
    public mutating func step(
        _ event: consuming Event, at now: Instant, into effects: inout Effects
    ) {
        self.now = now
        forgottenInStep = 0
        switch consume event {
        case .deadlineReached: timePassed(&effects)
        case .datagram(let bytes, let source): received(bytes, from: source, &effects)
        case .called(let caller, let bytes): called(caller, bytes, &effects)
        case .answered(let call, let bytes): answered(call, bytes, &effects)
        case .callFailed(let call): callFailed(call)
        case .founded(let digest): founded(digest)
        case .described(let metadata): described(metadata)
        case .leave: leave(&effects)
        }
        refuteIfDue(&effects)
        updateIsAlone()
        deadline = nextDeadline
    }

    /// How many bytes follow the first four of a stream message, or nil where they announce more
    /// than `GossipLimits.stream` allows, and the host closes. `header` holds those four bytes.
    public static func streamLength(of header: [UInt8]) -> Int? {
        var reader = ByteReader(header)
        guard let length = reader.read(UInt32.self),
            length <= GossipLimits.stream - streamHeaderLength
        else { return nil }
        return Int(length)
    }

    /// This member, as it stands in the table.
    var own: Member {
        guard let own = table[id] else { preconditionFailure("\(id) does not know itself") }
        return own
    }
}
