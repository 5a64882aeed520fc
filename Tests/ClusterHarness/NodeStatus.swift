import FoundationEssentials
import Primitives

/// The page `/status` as a client reads it.
public struct NodeStatus: Decodable, Sendable, Equatable {
    /// One entry of `peers`.
    public struct Peer: Decodable, Sendable, Equatable {
        /// The peer's id.
        public let node: String
        /// The last index that it is known to share.
        public let match: UInt64
        /// Whether a connection stands.
        public let connected: Bool
        /// When it was heard last.
        public let lastContactMilliseconds: Int
    }

    /// The node's own id.
    public let node: String
    /// The cluster's name.
    public let cluster: String
    /// What the node is: `leader`, `follower` and so on.
    public let role: String
    /// The term that it is in.
    public let term: UInt64
    /// Who leads that term, as far as it knows.
    public let leader: String?
    /// That node's address for clients.
    public let leaderHTTP: String?
    /// The last index known committed.
    public let commit: UInt64
    /// The last index whose command took effect here.
    public let applied: UInt64
    /// The log's last index.
    public let lastIndex: UInt64
    /// The log's first index.
    public let firstIndex: UInt64
    /// The value after `applied`.
    public let value: Int64
    /// All voters.
    public let voters: [String]
    /// All learners.
    public let learners: [String]
    /// Founding voters that were not met yet.
    public let waitingFor: [String]
    /// What the leader knows about the others.
    public let peers: [Peer]
    /// How long the process has run.
    public let uptimeMilliseconds: Int
    /// The program's version.
    public let version: String
    /// `ok` or `degraded`.
    public let gossip: String
    /// `ok` or `full`.
    public let disk: String

    /// The page that those bytes spell.
    public init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(NodeStatus.self, from: Data(bytes))
    }
}
