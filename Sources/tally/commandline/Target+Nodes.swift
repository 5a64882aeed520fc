import Client
import Configuration
import Posix
import Primitives

/// A node that a command may ask.
struct KnownNode: Equatable {
    /// Its name, where a file or the built-in cluster tells it.
    var id: NodeID?
    var address: Address
}

/// The nodes of a target, and how long they may take.
struct KnownNodes: Equatable {
    var nodes: [KnownNode]
    /// The founding voters, where a file or the built-in cluster tells them.
    var voters: [NodeID] = []
    var timeouts = CallTimeouts()

    var addresses: [Address] { nodes.map(\.address) }
}

extension Target {
    /// The nodes to ask, at least one; or nil where the file is of no use, and standard error then
    /// says why.
    func nodes(command: String) -> KnownNodes? {
        switch self {
        case .builtIn: return KnownNodes(.builtIn(nodes: 3))
        case .addresses(let addresses):
            return KnownNodes(nodes: addresses.map { KnownNode(id: nil, address: $0) })
        case .file(let file):
            guard let cluster = CheckCommand.configuration(file: file, command: command) else {
                return nil
            }
            let known = KnownNodes(cluster)
            if known.nodes.isEmpty {
                Console.faults.line("\(file): $.nodes: no node has an http address to ask")
                return nil
            }
            return known
        }
    }
}

extension KnownNodes {
    /// The sentence about the cluster's majority, if that is lost now.
    func lostMajority() throws(Errno) -> String? {
        let client = try ClusterClient(addresses, timeouts: .short)
        return client.wholeStatus(expecting: voters).lostMajority
    }

    /// The nodes of the cluster whose HTTP addresses its file tells.
    init(_ cluster: ClusterConfiguration) {
        nodes = cluster.nodes.compactMap { node in
            node.advertisedHTTP.map { KnownNode(id: node.id, address: $0) }
        }
        voters = cluster.foundingVoters
        timeouts = CallTimeouts(request: cluster.timing.request)
    }
}
