/// The three addresses of a node, each where it is known.
public struct NodeAddresses: Hashable, Sendable {
    /// Where clients speak HTTP, over TCP.
    public var http: Address?
    /// Where peers speak Raft, over TCP.
    public var raft: Address?
    /// Where members gossip, over UDP and TCP.
    public var gossip: Address?

    /// Those addresses.
    public init(http: Address? = nil, raft: Address? = nil, gossip: Address? = nil) {
        self.http = http
        self.raft = raft
        self.gossip = gossip
    }
}
