import Primitives

/// A cluster as its config file describes it.
///
/// A value that came through `ConfigurationCheck` obeys every rule of the file; one that was built
/// by hand is taken as it is.
public struct ClusterConfiguration: Hashable, Sendable {
    /// The cluster's name, by the same rule as a node's.
    public var cluster: String

    /// All nodes in the order of the file: the founding voters and those that join later.
    public var nodes: [NodeConfiguration]

    /// The gossip addresses to join through where the file names them, else nil.
    public var givenSeeds: [Address]?

    /// How long things take.
    public var timing: TimingConfiguration

    /// The gossip's profile where the file chooses one, else nil.
    public var givenGossipProfile: GossipProfile?

    /// How many entries lie between two snapshots.
    public var snapshotEntries: Int

    /// How many entries lie between two snapshots where the file says nothing.
    public static let standardSnapshotEntries = 100_000

    /// A cluster of those parts; nothing is checked.
    public init(
        cluster: String, nodes: [NodeConfiguration], givenSeeds: [Address]? = nil,
        timing: TimingConfiguration = .standard, givenGossipProfile: GossipProfile? = nil,
        snapshotEntries: Int = ClusterConfiguration.standardSnapshotEntries
    ) {
        self.cluster = cluster
        self.nodes = nodes
        self.givenSeeds = givenSeeds
        self.timing = timing
        self.givenGossipProfile = givenGossipProfile
        self.snapshotEntries = snapshotEntries
    }

    /// The entry of that node, or nil where the file has none.
    public func node(_ id: NodeID) -> NodeConfiguration? {
        nodes.first { $0.id == id }
    }

    /// The nodes that found the cluster, in the order of the file.
    public var foundingVoters: [NodeID] {
        nodes.filter { !$0.joins }.map(\.id)
    }

    /// The gossip addresses to join through: the file's seeds, or every gossip address in it.
    public var seeds: [Address] {
        givenSeeds ?? nodes.compactMap(\.advertisedGossip)
    }

    /// The gossip's profile for that node: the file's choice, else `local` where all addresses that
    /// the node listens on or advertises are loopback, else `lan`.
    public func gossipProfile(for id: NodeID) -> GossipProfile {
        if let givenGossipProfile { return givenGossipProfile }
        guard let node = node(id) else { return .lan }
        let own = node.addresses.given + node.advertise.given
        return !own.isEmpty && own.allSatisfy(\.address.isLoopback) ? .local : .lan
    }
}
