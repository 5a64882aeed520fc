import Configuration
import HTTP

/// What the gossip of one node says of all nodes, or why none answered.
public enum MembersReport: Sendable, Equatable {
    /// The members that one node knows, and the whole document that they come from.
    case answered([MemberStatus], document: JSONValue)
    /// No node answers, and why the last one did not, for people.
    case silent(String)

    init(outcomes: [Exchange.Outcome]) {
        var why = "there is nobody to ask"
        for outcome in outcomes {
            switch outcome {
            case .unreached(let reason), .lost(let reason): why = reason
            case .answered(let response):
                if response.status == 200, let document = JSONValue(bytes: response.body),
                    let members = MemberStatus.list(document)
                {
                    self = .answered(members, document: document)
                    return
                }
                why = "it answers \(response.status), but not as a node of Tally"
            }
        }
        self = .silent(why)
    }
}

/// One entry of a node's `GET /members`.
public struct MemberStatus: Sendable, Equatable {
    /// The member's name.
    public var node: String
    /// Where it is reached over HTTP, Raft and gossip, as far as that is known.
    public var http, raft, gossip: String?
    /// `alive`, `suspect`, `dead`, `left`, or nil where the gossip knows nothing of it.
    public var state: String?
    /// How often it has spoken for itself.
    public var incarnation: UInt64?
    /// For how long it has been in that state.
    public var sinceMilliseconds: UInt64?
    /// Its part in the quorum: `voter`, `learner` or `none`.
    public var role: String

    /// A member of those parts.
    public init(
        node: String, http: String?, raft: String?, gossip: String?, state: String?,
        incarnation: UInt64?, sinceMilliseconds: UInt64?, role: String
    ) {
        self.node = node
        self.http = http
        self.raft = raft
        self.gossip = gossip
        self.state = state
        self.incarnation = incarnation
        self.sinceMilliseconds = sinceMilliseconds
        self.role = role
    }

    /// The members that the document spells, or nil where it spells none.
    static func list(_ document: JSONValue) -> [MemberStatus]? {
        guard case .array(let entries) = document["members"] else { return nil }
        let members = entries.compactMap(MemberStatus.init)
        return members.count == entries.count ? members : nil
    }

    private init?(_ document: JSONValue) {
        guard let node = document["node"]?.text, let role = document["role"]?.text else {
            return nil
        }
        self.init(
            node: printable(node), http: document["http"]?.text.map(printable),
            raft: document["raft"]?.text.map(printable),
            gossip: document["gossip"]?.text.map(printable),
            state: document["state"]?.text.map(printable),
            incarnation: document["incarnation"]?.integer(),
            sinceMilliseconds: document["sinceMilliseconds"]?.integer(), role: printable(role))
    }
}
