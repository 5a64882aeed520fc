import Primitives

/// What a server must have on disk before it answers anybody: its term and its vote in that term
/// (Raft figure 2, "persistent state"; the log is the third part).
public struct HardState: Hashable, Sendable {
    /// The latest term the server has seen.
    public var term: Term
    /// The candidate that got its vote in this term, if one did.
    public var vote: NodeID?

    /// The state of a server that has seen nothing.
    public static let initial = HardState(term: .zero, vote: nil)

    /// A term, and the vote in it.
    public init(term: Term, vote: NodeID?) {
        self.term = term
        self.vote = vote
    }
}

/// The number of a write on its way to disk, counted from 1 in the order in which the core asks.
public struct WriteID: Hashable, Comparable, Sendable {
    /// The write's number.
    public var number: UInt64

    /// The write before the first.
    public static let zero = WriteID(0)

    /// The write of that number.
    public init(_ number: UInt64) { self.number = number }

    /// The write asked for after this one.
    public var next: WriteID { WriteID(number + 1) }

    /// Whether the first write was asked for before the second.
    public static func < (left: WriteID, right: WriteID) -> Bool { left.number < right.number }
}

/// What the core wants on disk, in this order: the base, the hard state, then entries. Empty where only
/// the host has something to write.
///
/// Entries are a range of the core's own log. The first of them replaces whatever the disk's log
/// holds from its index on.
public struct Write: Hashable, Sendable {
    /// What `Event.persisted` names when all of it is synced.
    public var id: WriteID
    /// Where the disk's log begins anew, before anything else of this write: what it holds behind this
    /// entry goes, and what it lacks up to it stands in a snapshot that is on disk already.
    public var base: EntryID?
    /// The new term and vote, where one of them changed.
    public var hardState: HardState?
    /// The entries of the core's log to write; empty where none are new.
    public var entries: Range<LogIndex>

    /// Whether nothing of the core's is in it.
    public var isEmpty: Bool { base == nil && hardState == nil && entries.isEmpty }

    /// A write of that number, with the base, the hard state and the entries.
    public init(
        id: WriteID, base: EntryID? = nil, hardState: HardState?, entries: Range<LogIndex>
    ) {
        self.id = id
        self.base = base
        self.hardState = hardState
        self.entries = entries
    }
}
