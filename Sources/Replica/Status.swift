import Primitives
import Raft
import Wire

extension Replica {
    /// What a node says about itself.
    public struct Status: Sendable {
        /// A peer as the leader sees it.
        public struct PeerStatus: Sendable {
            /// The peer.
            public var node: NodeID
            /// The last index known to be on its disk.
            public var match: LogIndex
            /// Whether a connection stands.
            public var connected: Bool
            /// How long ago it last said something.
            public var lastContact: Timespan
        }

        /// `newborn`, `follower`, `precandidate`, `candidate` or `leader`.
        public var role: StaticString
        /// The latest term seen.
        public var term: Term
        /// Who leads, if known.
        public var leader: NodeID?
        /// Where the leader answers clients, `HOST:PORT`, if known.
        public var leaderHTTP: [UInt8]?
        /// The highest index known to be committed.
        public var commit: LogIndex
        /// The newest entry's index.
        public var lastIndex: LogIndex
        /// The oldest entry's index.
        public var firstIndex: LogIndex
        /// The voters: the founded ones, or those of the config file.
        public var voters: [NodeID]
        /// The founding voters that are missing.
        public var waitingFor: [NodeID]
        /// The other voters; filled by the leader.
        public var peers: [PeerStatus]
    }

    /// What this node says about itself at that time.
    public func status(at now: Instant) -> Status {
        let leads = raft.role == .leader
        let leader = raft.leader
        return Status(
            role: roleName, term: raft.term, leader: leader,
            leaderHTTP: leader.flatMap { leader in
                leader == identity.node ? identity.http : establishedLink(with: leader)?.http
            },
            commit: raft.commit, lastIndex: raft.log.lastIndex,
            firstIndex: raft.log.firstIndex, voters: voters, waitingFor: waitingFor,
            peers: !leads
                ? []
                : raft.peers.map { peer in
                    Status.PeerStatus(
                        node: peer.id, match: peer.match, connected: peer.isConnected,
                        lastContact: now.since(peer.lastHeard))
                })
    }

    private var roleName: StaticString {
        guard case .founded = founding else { return "newborn" }
        switch raft.role {
        case .follower: return "follower"
        case .precandidate: return "precandidate"
        case .candidate: return "candidate"
        case .leader: return "leader"
        }
    }
}
