/// One piece of a snapshot, for a follower that lacks entries which the leader's log no longer holds
/// (Raft figure 13). Without bytes it is a heartbeat, and asks how far the follower has come.
public struct InstallSnapshot: Hashable, Sendable {
    /// The leader's term.
    public var term: Term
    /// The newest read round, as in AppendEntries.
    public var round: UInt64
    /// The last entry that the snapshot holds; names the snapshot.
    public var last: EntryID
    /// How many bytes the whole snapshot has.
    public var total: UInt64
    /// Where the piece begins in it.
    public var offset: UInt64
    /// The piece.
    public var bytes: [UInt8]

    /// A piece of the snapshot that ends with `last`.
    public init(
        term: Term, round: UInt64, last: EntryID, total: UInt64, offset: UInt64, bytes: [UInt8]
    ) {
        self.term = term
        self.round = round
        self.last = last
        self.total = total
        self.offset = offset
        self.bytes = bytes
    }
}

/// How far a follower has come with a snapshot that its leader sends.
public struct SnapshotReply: Hashable, Sendable {
    /// The follower's term.
    public var term: Term
    /// The newest round that the follower has seen from this leader.
    public var round: UInt64
    /// The last entry that the snapshot holds.
    public var last: EntryID
    /// How many of its bytes have come without a gap.
    public var received: UInt64

    /// A follower's answer in `term`.
    public init(term: Term, round: UInt64, last: EntryID, received: UInt64) {
        self.term = term
        self.round = round
        self.last = last
        self.received = received
    }
}
