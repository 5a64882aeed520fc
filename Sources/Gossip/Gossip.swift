import Primitives

/// One member's share of the gossip: SWIM (Das, Gupta and Motivala, DSN 2002) with the extensions of
/// Lifeguard (Dadgar, Phillips and Currey, arXiv 1707.00788).
///
/// It finds out who is there, under which addresses, and who is gone. It takes part in no decision
/// of the quorum.
public struct Gossip: ~Copyable {
    /// How many bytes at the start of a stream message say how long it is.
    public static let streamHeaderLength = 4

    let cluster: [UInt8]
    let id: NodeID
    let profile: Profile

    /// How often this member has spoken for itself; the host may keep it for the next start.
    public private(set) var incarnation: UInt64
    /// When the host must call `step` with `deadlineReached`.
    public private(set) var deadline: Instant
    /// Every member that is known, this one included, sorted by id.
    public private(set) var members: [Member]
    /// Another number whenever `members` has changed.
    public private(set) var membersVersion: UInt64 = 0
    /// Whether no other member has been heard for `Profile.aloneAfter`, though some are known or
    /// there are seeds to call.
    public private(set) var isAlone = false
    /// Whether the good-bye has been said often enough: the host may end.
    public private(set) var hasLeft = false
    /// What was dropped.
    public private(set) var counters = Counters()

    /// A member that has heard of nobody yet.
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
        self.cluster = cluster
        self.id = id
        self.profile = profile
        self.incarnation = min(incarnation, GossipLimits.incarnation - 1)
        deadline = now
        members = [
            Member(
                id: id, state: .alive, incarnation: self.incarnation, since: now,
                metadata: metadata)
        ]
    }

    /// Takes in one event and adds what follows from it to the effects.
    public mutating func step(
        _ event: consuming Event, at now: Instant, into effects: inout Effects
    ) {
        deadline = .never
    }

    /// How many bytes follow the first four of a stream message, or nil where they announce more than
    /// `GossipLimits.stream` allows, and the host closes. `header` holds those four bytes.
    public static func streamLength(of header: [UInt8]) -> Int? {
        var reader = ByteReader(header)
        guard let length = reader.read(UInt32.self),
            length <= GossipLimits.stream - streamHeaderLength
        else { return nil }
        return Int(length)
    }
}
