import Primitives
import Replica

/// The connections to peers, strangers among them: a few dozen, so that they are simply looked through.
struct LinkTable {
    private(set) var links: [PeerLink] = []

    func position(of id: LinkID) -> Int? {
        for position in links.indices where links[position].id == id { return position }
        return nil
    }

    subscript(position: Int) -> PeerLink {
        get { links[position] }
        _modify { yield &links[position] }
    }

    var indices: Range<Int> { links.indices }

    mutating func append(_ link: PeerLink) { links.append(link) }

    mutating func remove(at position: Int) { links.remove(at: position) }

    /// Whether frames were left for the next turn.
    var hasFrames: Bool { links.contains { $0.hasFrames } }

    /// When the next call has taken too long.
    var connectDeadline: Instant {
        var next = Instant.never
        for link in links {
            if case .connecting(let deadline) = link.phase { next = min(next, deadline) }
        }
        return next
    }

    /// Whether a connection to that node is being opened, or stands on this node's call.
    func hasCall(to node: NodeID) -> Bool { links.contains { $0.dialed == node } }
}
