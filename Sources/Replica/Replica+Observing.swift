import Primitives
import Raft

/// What a host may see of the core.
extension Replica {
    /// The latest term seen.
    public var term: Term { raft.term }

    /// Who got this node's vote in that term.
    public var vote: NodeID? { raft.vote }

    /// The part that this node plays.
    public var role: Role { raft.role }

    /// The value as this node has it.
    public var value: Int64 { calculator.value }
}
