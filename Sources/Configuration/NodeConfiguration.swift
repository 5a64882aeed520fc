import Primitives

extension NodeAddresses {
    /// The addresses that are there, with the keys under which they stand in the file.
    var given: [(key: String, address: Address)] {
        [("http", http), ("raft", raft), ("gossip", gossip)].compactMap { key, address in
            address.map { (key, $0) }
        }
    }

    /// The keys of the addresses that are not there.
    var missing: [String] {
        [("http", http), ("raft", raft), ("gossip", gossip)].compactMap { key, address in
            address == nil ? key : nil
        }
    }
}

/// One node's entry in the config file.
public struct NodeConfiguration: Hashable, Sendable {
    /// The node's name.
    public var id: NodeID

    /// What the node listens on. A node's own entry has all three; another's may have none.
    public var addresses: NodeAddresses

    /// What others are told to dial, where it differs from what the node listens on.
    public var advertise: NodeAddresses

    /// Whether the node waits to be added; false for a founding voter.
    public var joins: Bool

    /// An entry of those parts; nothing is checked.
    public init(
        id: NodeID, addresses: NodeAddresses, advertise: NodeAddresses = NodeAddresses(),
        joins: Bool = false
    ) {
        self.id = id
        self.addresses = addresses
        self.advertise = advertise
        self.joins = joins
    }

    /// Where others reach the node's HTTP, nil where the file does not say.
    public var advertisedHTTP: Address? { advertise.http ?? addresses.http }

    /// Where others reach the node's Raft, nil where the file does not say.
    public var advertisedRaft: Address? { advertise.raft ?? addresses.raft }

    /// Where others reach the node's gossip, nil where the file does not say.
    public var advertisedGossip: Address? { advertise.gossip ?? addresses.gossip }
}
