/// What the host's sockets for the gossip can do; a node lives without them.
public struct GossipSockets: Hashable, Sendable {
    /// Whether datagrams can be sent and taken at all.
    public var canSend: Bool
    /// Whether they reach IPv6 addresses alone.
    public var prefersVersion6 = false

    /// None yet, or sockets that reach IPv4 addresses.
    public init(canSend: Bool = false) { self.canSend = canSend }
}
