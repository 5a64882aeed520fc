import Founding
import Primitives
import Raft

/// What a host may see of the core.
extension Replica {
    /// The latest term seen.
    public var term: Term { raft.term }

    /// Who got this node's vote in that term.
    public var vote: NodeID? { raft.vote }

    /// The last index of the log's run from the start that is on disk.
    public var durableThrough: LogIndex { raft.durableThrough }

    /// The part that this node plays.
    public var role: Role { raft.role }

    /// Where a node is reached, `HOST:PORT`, as it said itself when the connection to it was made; nil
    /// where none stands.
    public func addresses(of node: NodeID) -> (http: [UInt8], raft: [UInt8])? {
        establishedLink(with: node).map { ($0.http, $0.raft) }
    }
}

/// What a host may tell those who ask why nothing goes on.
extension Replica {
    /// Whether the cluster is founded, as far as this disk knows.
    public var isFounded: Bool { founding.isFounded }

    /// Who leads, if known.
    public var leader: NodeID? { raft.leader }

    /// Whether reads wait whose place in the log the leader has confirmed, and that this node does not
    /// know to be committed so far.
    public var isBehindReads: Bool {
        readAttempts.contains { attempt in
            attempt.index.map { $0 > raft.commit } ?? false
        }
    }
}
