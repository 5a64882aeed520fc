import Primitives
import Replica

/// The bytes of all connections, to peers and of the gossip.
extension Node {
    /// Which of this node's ports somebody has called.
    public enum Port: Sendable {
        /// That of the Raft peers.
        case raft
        /// That of the gossip's streams.
        case gossip
    }

    /// A caller was taken in at a port. Returns the connection's name.
    public mutating func accept(at port: Port, now: Instant, into effects: inout Effects) -> LinkID
    {
        let id = takeLinkID()
        switch port {
        case .raft:
            links.append(PeerLink(called: id))
            inbox.callers.append(id)
        case .gossip:
            discovery.accept(id, at: now, into: &effects)
        }
        return id
    }

    /// When a host should accept the next caller at the Raft port.
    public var nextAcceptance: Instant {
        replica.nextAcceptance(pending: inbox.callers.count)
    }

    /// How many bytes the connection takes in now; the rest stays with the host until it takes more.
    public func room(on id: LinkID) -> Int {
        if let position = links.position(of: id) {
            return min(links[position].room, NodeLimits.read)
        }
        return discovery.room(on: id)
    }

    /// Bytes have come over a connection: that range of `bytes`, no more than its room.
    public mutating func receive(_ bytes: [UInt8], _ range: Range<Int>, on id: LinkID) {
        precondition(range.count <= room(on: id), "\(range.count) bytes for \(room(on: id))")
        if let position = links.position(of: id) {
            links[position].input.append(bytes, range)
            links[position].hasFrames = true
        } else {
            discovery.receive(bytes, range, on: id)
            mustTurn = true
        }
    }

    /// Hands what a connection is to send to `send`: a buffer and the range in it. `send` returns how
    /// many bytes were taken. Returns what is to become of the connection.
    public mutating func withOutput(
        of id: LinkID, _ send: ([UInt8], Range<Int>) -> Int
    ) -> OutputState {
        if let position = links.position(of: id) {
            let output = links[position].output
            let taken = output.isEmpty ? 0 : send(output.bytes, output.rest)
            // The copy above shares the buffer, which must have one owner again before it changes.
            _ = consume output
            links[position].output.consume(taken)
            return links[position].output.isEmpty ? .empty : .waiting
        }
        return discovery.withOutput(of: id, send)
    }

    /// What a connection has left to send.
    public enum OutputState: Sendable {
        /// Nothing.
        case empty
        /// Something that the connection does not take yet: the host tries again once it does.
        case waiting
        /// Nothing, and the connection is to be ended.
        case done
    }

    /// The host has ended the connection, and nothing more comes of it.
    public mutating func forget(_ id: LinkID, at now: Instant) {
        if let position = links.position(of: id) {
            let dialed = links[position].dialed
            links.remove(at: position)
            if let dialed { dialer.backOff(from: dialed, at: now) }
        } else {
            discovery.forget(id)
        }
    }
}
