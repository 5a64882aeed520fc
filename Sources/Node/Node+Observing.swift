import Founding
import Gossip
import Primitives
import Raft
import Replica

/// What a host may see of a node.
extension Node {
    /// What this node says about itself at that time.
    public func status(at now: Instant) -> Replica.Status { replica.status(at: now) }

    /// The highest index known to be committed.
    public var commit: LogIndex { replica.commit }

    /// The latest term seen.
    public var term: Term { replica.term }

    /// Who got this node's vote in that term.
    public var vote: NodeID? { replica.vote }

    /// What Raft is at here, all at once.
    public struct RaftState: Hashable, Sendable {
        /// The latest term seen.
        public var term: Term
        /// Who got this node's vote in that term.
        public var vote: NodeID?
        /// The highest index known to be committed.
        public var commit: LogIndex
        /// Whether it leads.
        public var isLeader: Bool
        /// Whether it leads, or asks for votes.
        public var isActive: Bool
    }

    /// What Raft is at here.
    public var raftState: RaftState {
        let role = replica.role
        return RaftState(
            term: replica.term, vote: replica.vote, commit: replica.commit,
            isLeader: role == .leader, isActive: role != .follower)
    }

    /// The part that this node plays.
    public var role: Role { replica.role }

    /// Who leads, if known.
    public var leader: NodeID? { replica.leader }

    /// How far this disk is on the way to a founded cluster.
    public var founding: FoundingState { replica.founding }

    /// Whether the cluster is founded, as far as this disk knows.
    public var isFounded: Bool { replica.isFounded }

    /// The founding voters: by the record, or by the config file while there is none.
    public var voters: [NodeID] { replica.voters }

    /// Whether this node's state may be another than that of the cluster: no client is to be told of it,
    /// however old an answer it wants.
    public var isInDoubt: Bool { replica.isInDoubt }

    /// Whether the disk is full: nothing new goes into the log.
    public var isDiskFull: Bool { disk.isFull }

    /// Whether reads wait whose place in the log is known and not reached here.
    public var isBehindReads: Bool { replica.isBehindReads }

    /// Whether a write that can't be proposed now is kept until it is known who leads next.
    public func isLeadershipMoving(at now: Instant) -> Bool {
        replica.isLeadershipMoving(at: now)
    }

    /// The voters that answer this node, itself included, in the order of ids.
    public func reachableVoters(at now: Instant) -> [NodeID] {
        replica.reachableVoters(at: now)
    }

    /// All that the gossip knows, sorted by id.
    public var members: [Member] { discovery.members }

    /// Whether the gossip hears nobody else.
    public var isGossipAlone: Bool { discovery.isAlone }

    /// Where the other nodes are, by the newest word.
    public var peerAddresses: PeerAddresses { dialer.addresses }

    /// How many bytes of a connection at the Raft port wait here: those that have come and were not
    /// looked at, and those that it has not taken. Nil where there is no such connection.
    public func waitingBytes(on id: LinkID) -> (input: Int, output: Int)? {
        links.position(of: id).map { (links[$0].input.count, links[$0].output.count) }
    }
}
