import Primitives

/// A process as the gossip sees it.
public struct Member: Hashable, Sendable {
    /// How it is with a member. The numbers are those on the wire, and their order is the order in
    /// which one state takes precedence over another of the same incarnation: see `VersionedState`.
    public enum State: UInt8, CaseIterable, Hashable, Sendable {
        /// It answers, or says that it is there.
        case alive = 0
        /// It did not answer a probe, and has some time to refute that.
        case suspect = 1
        /// It was suspected and did not say otherwise in time.
        case dead = 2
        /// It has announced that it leaves.
        case left = 3
    }

    /// Its name.
    public var id: NodeID
    /// How it is with it.
    public var state: State
    /// How often it has refuted: it alone raises this number, to outdo a rumour.
    public var incarnation: UInt64
    /// Since when it has been in that state, as this node learned it.
    public var since: Instant
    /// What it says of itself.
    public var metadata: Metadata

    /// The member with those parts.
    public init(
        id: NodeID, state: State, incarnation: UInt64, since: Instant, metadata: Metadata
    ) {
        self.id = id
        self.state = state
        self.incarnation = incarnation
        self.since = since
        self.metadata = metadata
    }

    /// Whether it takes part: it is alive, or suspected and not yet given up.
    public var isLive: Bool { state == .alive || state == .suspect }

    /// What of this takes precedence over what.
    var versionedState: VersionedState {
        get { VersionedState(incarnation: incarnation, state: state) }
        set {
            incarnation = newValue.incarnation
            state = newValue.state
        }
    }
}
