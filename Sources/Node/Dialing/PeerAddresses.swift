import Primitives

/// Where the other nodes of the config file can be called. All of it are hints: who answers is checked
/// by the handshake, so a wrong one costs a failed call.
///
/// A node is called at what the gossip says of it now; else at what it said itself when it was last
/// connected; else at what the book of the last run says; else at what the config file says. When a
/// call fails the next one goes to the next of these, so that no rumour keeps a node from one that it
/// could reach.
public struct PeerAddresses: Sendable {
    /// An address to call, and whether only others say so.
    struct Candidate: Equatable {
        var address: Address
        var isRumour: Bool
    }

    private struct Peer {
        let node: NodeID
        let given: NodeAddresses
        let kept: NodeAddresses
        var proven = NodeAddresses()
        var heard = NodeAddresses()

        /// The newest word about each address.
        var newest: NodeAddresses {
            func first(_ key: KeyPath<NodeAddresses, Address?>) -> Address? {
                heard[keyPath: key] ?? proven[keyPath: key] ?? kept[keyPath: key]
            }
            return NodeAddresses(http: first(\.http), raft: first(\.raft), gossip: first(\.gossip))
        }
    }

    private var peers: [Peer]

    /// What the config file says of the other nodes, and what the book of the last run says.
    public init(_ given: [(node: NodeID, addresses: NodeAddresses)], book: AddressBook) {
        peers = given.map { entry in
            Peer(
                node: entry.node, given: entry.addresses,
                kept: book.entries.first { $0.node == entry.node }?.addresses ?? NodeAddresses())
        }.sorted { $0.node < $1.node }
    }

    /// The nodes, sorted by id.
    var nodes: [NodeID] { peers.map(\.node) }

    /// The gossip says that a node lives, and where. Returns whether that changes where it is called
    /// first; of nodes that the file does not name nothing is kept.
    mutating func hear(_ addresses: NodeAddresses, of node: NodeID) -> Bool {
        guard let position = peers.firstIndex(where: { $0.node == node }),
            peers[position].heard != addresses
        else { return false }
        let before = candidates(of: node).first?.address
        peers[position].heard = addresses
        return candidates(of: node).first?.address != before
    }

    /// A node has said in its handshake where it is.
    mutating func prove(http: [UInt8], raft: [UInt8], of node: NodeID) {
        guard let position = peers.firstIndex(where: { $0.node == node }) else { return }
        peers[position].proven = NodeAddresses(
            http: Address(bytes: http), raft: Address(bytes: raft))
    }

    /// Where to call a node, the best address first, none twice.
    func candidates(of node: NodeID) -> [Candidate] {
        guard let peer = peers.first(where: { $0.node == node }) else { return [] }
        let all = [
            (peer.heard.raft, true), (peer.proven.raft, false), (peer.kept.raft, true),
            (peer.given.raft, false),
        ]
        var found: [Candidate] = []
        for case (let address?, let isRumour) in all {
            if let known = found.firstIndex(where: { $0.address == address }) {
                found[known].isRumour = found[known].isRumour && isRumour
            } else {
                found.append(Candidate(address: address, isRumour: isRumour))
            }
        }
        return found
    }

    /// The newest word about a node's addresses, the config file's included.
    public func addresses(of node: NodeID) -> NodeAddresses {
        guard let peer = peers.first(where: { $0.node == node }) else { return NodeAddresses() }
        let newest = peer.newest
        return NodeAddresses(
            http: newest.http ?? peer.given.http, raft: newest.raft ?? peer.given.raft,
            gossip: newest.gossip ?? peer.given.gossip)
    }

    /// What is worth keeping for the next run: all that did not come from the config file.
    var worthKeeping: [AddressBook.Entry] {
        peers.compactMap { peer in
            peer.newest == NodeAddresses()
                ? nil : AddressBook.Entry(node: peer.node, addresses: peer.newest)
        }
    }
}
