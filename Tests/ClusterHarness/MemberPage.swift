import FoundationEssentials

/// The page `/members` as a client reads it.
public struct MemberPage: Decodable, Sendable {
    /// One entry.
    public struct Member: Decodable, Sendable, Equatable {
        /// Its id.
        public let node: String
        /// Where it is reached.
        public let http, raft, gossip: String?
        /// How it is with it, as the gossip has it.
        public let state: String?
        /// How often it has spoken for itself.
        public let incarnation: UInt64?
        /// For how long it has been in that state.
        public let sinceMilliseconds: Int?
        /// Its part in the quorum.
        public let role: String
    }

    /// All entries.
    public let members: [Member]

    /// The page that those bytes spell.
    public init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(MemberPage.self, from: Data(bytes))
    }
}
