import Configuration
import Founding
import Gossip
import Node
import Posix
import Primitives
import Raft

/// What the gossip begins with.
extension NodeProcess {
    /// This node's gossip, before it has heard of anybody.
    static func gossip(
        _ configuration: ClusterConfiguration, _ own: NodeConfiguration, book: AddressBook,
        founding: FoundingState
    ) -> Gossip {
        var digest: FoundingDigest?
        if case .founded(let record) = founding { digest = FoundingDigest(record.digest) }
        return Gossip(
            cluster: Array(configuration.cluster.utf8), id: own.id, metadata: metadata(of: own),
            seeds: seeds(configuration, own, book: book),
            profile: Profile(configuration.gossipProfile(for: own.id)),
            incarnation: book.incarnation, digest: digest, seed: Entropy.uint64(),
            at: MonotonicClock.now())
    }

    /// Where the gossip listens.
    static func gossipAddress(of own: NodeConfiguration) -> Address {
        guard let address = own.addresses.gossip else {
            preconditionFailure("no gossip address in a file that was checked")
        }
        return address
    }

    private static func metadata(of own: NodeConfiguration) -> Metadata {
        guard let http = own.advertisedHTTP, let raft = own.advertisedRaft,
            let gossip = own.advertisedGossip,
            let metadata = Metadata(
                http: http, raft: raft, gossip: gossip, role: own.joins ? .none : .voter,
                version: Array(TallyVersion.text.utf8))
        else { preconditionFailure("addresses too long for a file that was checked") }
        return metadata
    }

    /// The seeds of the file, and all who were there in the last run: any of them may be the one that
    /// lives, and a seed may have moved since the file was written.
    private static func seeds(
        _ configuration: ClusterConfiguration, _ own: NodeConfiguration, book: AddressBook
    ) -> [Address] {
        let known = configuration.seeds + book.entries.compactMap(\.addresses.gossip)
        var seeds: [Address] = []
        for seed in known
        where seed != own.advertisedGossip && seed != own.addresses.gossip && !seeds.contains(seed)
        {
            seeds.append(seed)
        }
        return seeds
    }
}

extension Profile {
    /// The profile of that name.
    fileprivate init(_ profile: GossipProfile) {
        switch profile {
        case .local: self = .local
        case .lan: self = .lan
        case .wan: self = .wan
        }
    }
}
