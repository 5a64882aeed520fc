import Raft

/// What a host may see of the core.
extension Replica {
    /// The latest term seen.
    public var term: Term { raft.term }

    /// The part that this node plays.
    public var role: Role { raft.role }

    /// The value as this node has it.
    public var value: Int64 { calculator.value }
}
