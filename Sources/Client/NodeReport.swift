import Configuration
import HTTP
import Primitives

/// What one node said about itself, or why it said nothing.
public struct NodeReport: Sendable, Equatable {
    /// The findings.
    public enum Result: Sendable, Equatable {
        /// The node's status, and the whole document that it comes from.
        case answered(NodeStatus, document: JSONValue)
        /// Why there is none, for people.
        case silent(String)
    }

    /// Where it was asked.
    public let address: Address
    /// What came of it.
    public let result: Result

    /// A report of those parts.
    public init(address: Address, result: Result) {
        self.address = address
        self.result = result
    }

    init(address: Address, outcome: Exchange.Outcome) {
        self.address = address
        switch outcome {
        case .unreached(let reason), .lost(let reason): result = .silent(reason)
        case .answered(let response):
            if response.status == 200, let document = JSONValue(bytes: response.body),
                let status = NodeStatus(document)
            {
                result = .answered(status, document: document)
            } else {
                result = .silent("it answers \(response.status), but not as a node of Tally")
            }
        }
    }
}

/// A node's `GET /status`, as far as commands need it.
public struct NodeStatus: Sendable, Equatable {
    /// The node's name.
    public var node: String
    /// `newborn`, `follower`, `precandidate`, `candidate`, `leader` or `learner`.
    public var role: String
    /// The node's term.
    public var term: UInt64
    /// The leader that it knows, if any.
    public var leader: String?
    /// The index up to which it knows the log to be committed.
    public var commit: UInt64
    /// The index up to which its value is made of the log.
    public var applied: UInt64
    /// Its value.
    public var value: Int64
    /// Whether its gossip reaches no other member, or none reaches it.
    public var isGossipDegraded: Bool
    /// Whether its disk is full, so that it takes no writes.
    public var isDiskFull: Bool
    /// The cluster's voters, as it knows them.
    public var voters: [String]
    /// The founding voters that it waits for before the founding.
    public var waitingFor: [String]

    /// A status of those parts.
    public init(
        node: String, role: String, term: UInt64, leader: String?, commit: UInt64, applied: UInt64,
        value: Int64, isGossipDegraded: Bool = false, isDiskFull: Bool = false,
        voters: [String] = [], waitingFor: [String] = []
    ) {
        self.node = node
        self.role = role
        self.term = term
        self.leader = leader
        self.commit = commit
        self.applied = applied
        self.value = value
        self.isGossipDegraded = isGossipDegraded
        self.isDiskFull = isDiskFull
        self.voters = voters
        self.waitingFor = waitingFor
    }

    /// The status that the document spells, or nil where something in it is missing.
    public init?(_ document: JSONValue) {
        guard let node = document["node"]?.text, let role = document["role"]?.text,
            let term = document["term"]?.integer(UInt64.self),
            let commit = document["commit"]?.integer(UInt64.self),
            let applied = document["applied"]?.integer(UInt64.self),
            let value = document["value"]?.integer(Int64.self)
        else { return nil }
        self.init(
            node: printable(node), role: printable(role), term: term,
            leader: document["leader"]?.text.map(printable), commit: commit, applied: applied,
            value: value, isGossipDegraded: document["gossip"]?.text == "degraded",
            isDiskFull: document["disk"]?.text == "full",
            voters: NodeStatus.names(document["voters"]),
            waitingFor: NodeStatus.names(document["waitingFor"]))
    }

    private static func names(_ list: JSONValue?) -> [String] {
        guard case .array(let elements) = list else { return [] }
        return elements.compactMap { $0.text.map(printable) }
    }
}
