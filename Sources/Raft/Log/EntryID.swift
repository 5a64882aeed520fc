/// A period of the cluster's life with at most one leader, numbered from 1 (Raft §5.1).
///
/// Zero is the term before the first election. Terms never go back on one server.
public struct Term: Hashable, Comparable, Sendable {
    /// The term's number.
    public var number: UInt64

    /// The term before the first election.
    public static let zero = Term(0)

    /// The term of that number.
    @inlinable
    public init(_ number: UInt64) { self.number = number }

    /// The term after this one.
    @inlinable
    public var next: Term { Term(number + 1) }

    /// Whether the first term is the older one.
    @inlinable
    public static func < (left: Term, right: Term) -> Bool { left.number < right.number }
}

/// A position in the replicated log, counted from 1 (Raft §5.3). Zero lies before the first entry.
public struct LogIndex: Hashable, Comparable, Strideable, Sendable {
    /// The position's number.
    public var number: UInt64

    /// The position before the first entry.
    public static let zero = LogIndex(0)

    /// The position of that number.
    @inlinable
    public init(_ number: UInt64) { self.number = number }

    /// The position after this one.
    @inlinable
    public var next: LogIndex { LogIndex(number + 1) }

    /// The position before this one, which must not be zero.
    @inlinable
    public var previous: LogIndex { LogIndex(number - 1) }

    /// Whether the first position lies before the second.
    @inlinable
    public static func < (left: LogIndex, right: LogIndex) -> Bool { left.number < right.number }

    /// How many positions lie from this one to `other`.
    @inlinable
    public func distance(to other: LogIndex) -> Int {
        Int(bitPattern: UInt(other.number &- number))
    }

    /// The position `distance` further on.
    @inlinable
    public func advanced(by distance: Int) -> LogIndex {
        LogIndex(UInt64(Int64(number) + Int64(distance)))
    }
}

/// What names an entry once and for all: its position and the term in which a leader made it.
///
/// Two logs that hold an entry of the same index and term hold the same entry there, and the same
/// entries before it (Log Matching, Raft §5.3).
public struct EntryID: Hashable, Sendable {
    /// The entry's position.
    public var index: LogIndex
    /// The term of the leader that made it.
    public var term: Term

    /// What stands before the first entry.
    public static let zero = EntryID(index: .zero, term: .zero)

    /// The entry at that index, made in that term.
    @inlinable
    public init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Whether a log that ends with this entry is at least as up-to-date as one that ends with
    /// `other`: the later last term wins, then the longer log (Raft §5.4.1).
    public func isAtLeastAsUpToDate(as other: EntryID) -> Bool {
        term != other.term ? term > other.term : index >= other.index
    }
}
