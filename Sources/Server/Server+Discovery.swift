import Configuration
import Gossip
import Posix
import Primitives
import Replica

/// From what the gossip tells to where peers are called. Addresses are all that goes this way.
extension Server {
    /// Looks at what has changed among the members.
    mutating func followGossip() {
        if gossip.membersVersion != seenMembers {
            seenMembers = gossip.membersVersion
            hearMembers()
            hasAddressNews = true
        }
        guard hasAddressNews else { return }
        hasAddressNews = false
        addressBook.keep(
            AddressBook(incarnation: gossip.incarnation, entries: peers.worthKeeping), at: now)
    }

    private mutating func hearMembers() {
        let members = gossip.members
        for node in peers.nodes {
            guard let member = members.first(where: { $0.id == node }), member.state == .alive
            else { continue }
            if peers.hear(NodeAddresses(member.metadata), of: node) { hurryDial(of: node) }
        }
    }

    /// A handshake has told where a peer is.
    mutating func noteProven(_ node: NodeID) {
        guard let (http, raft) = replica.addresses(of: node) else { return }
        peers.prove(http: http, raft: raft, of: node)
        hasAddressNews = true
    }
}

extension NodeAddresses {
    /// What a member says of itself, as far as it can be dialled.
    init(_ metadata: Metadata) {
        self.init(
            http: HostPort(bytes: metadata.http.bytes), raft: HostPort(bytes: metadata.raft.bytes),
            gossip: HostPort(bytes: metadata.gossip.bytes))
    }
}
