import Primitives

/// Where a server's log ends, and the term that the server is in as it says so.
public struct LogEnd: Hashable, Sendable {
    /// The latest term that the server has seen.
    public var term: Term
    /// The last entry of its log, or of the snapshot that stands before an empty one.
    public var last: EntryID

    /// A log that ends so in that term, which no entry's is beyond.
    public init(term: Term, last: EntryID) {
        self.term = term
        self.last = last
    }
}
