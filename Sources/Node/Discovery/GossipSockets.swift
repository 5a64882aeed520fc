/// What the host's sockets for the gossip can do; a node lives without them.
public struct GossipSockets: Hashable, Sendable {
    /// Whether datagrams can be sent and taken at all.
    public var canSend = true
    /// Whether they reach IPv6 addresses alone.
    public var prefersVersion6 = false

    /// Sockets that reach IPv4 addresses.
    public init() {}
}
