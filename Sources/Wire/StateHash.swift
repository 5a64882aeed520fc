import Raft

/// What a node's state came to when it had applied the entry at an index: equal on nodes that have
/// applied the same entries with the same outcomes.
public struct StateHash: Hashable, Sendable {
    /// The last entry that the hash covers.
    public var index: LogIndex
    /// The hash of all entries up to there, their outcomes and the states between them.
    public var hash: UInt64

    /// The hash at `index`.
    public init(index: LogIndex, hash: UInt64) {
        self.index = index
        self.hash = hash
    }
}
