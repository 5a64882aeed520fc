import Founding
import Primitives
import Raft
import Wire

/// A connection to another node.
struct Link {
    /// How far the handshake is.
    enum Phase {
        /// The other side has not said yet who it is.
        case greeting
        /// The other side is this node.
        case established(Hello)
        /// The other side claims to be a node to which another process's connection still stands; a
        /// `ping` asks that one for a sign of life.
        case contested(Hello, ping: UInt64, until: Instant)
    }

    /// What a frame leads to.
    enum Reaction {
        /// The other side has introduced itself: is it let in?
        case judge(Hello)
        /// The other side will not go on.
        case handleRefusal(Refusal)
        case noteFounding(FoundingState)
        case replyToPing(UInt64)
        case handlePong(UInt64)
        case noteHash(StateHash, of: NodeID)
        case stepRaft(Message, from: PeerStart)
        case ignore
        /// The connection ends without an answer.
        case close
    }

    let id: LinkID
    /// The node that this one called; nil for an incoming connection.
    let dialed: NodeID?
    /// Whether this node called an address that only others told, though it knows one itself.
    let isHearsay: Bool
    /// Whether this node called it in the words of a program from before the feature levels.
    let isPlainCall: Bool
    let openedAt: Instant
    var phase = Phase.greeting {
        didSet {
            establishedNode = peer?.node
            levels = introduced?.levels
            foundedPeer = peer.flatMap { peer in
                peer.founding.isFounded
                    ? PeerStart(node: peer.node, disk: peer.disk, start: peer.start) : nil
            }
            if case .contested(_, _, let until) = phase {
                contestDeadline = until
            } else {
                contestDeadline = .never
            }
        }
    }
    /// The node at the other end, where the connection is established. Like the next three, it is kept
    /// beside the phase since every turn or every message asks for it.
    private(set) var establishedNode: NodeID?
    /// The levels that the other side has named; nil where it has not, or has not spoken.
    private(set) var levels: ClosedRange<FeatureLevel>?
    /// The process at the other end, where the connection is established and that node founded: what
    /// Raft says there may count.
    private(set) var foundedPeer: PeerStart?
    /// When a contest is over; never where there is none.
    private(set) var contestDeadline = Instant.never
    var lastHeard: Instant
    /// Whether it was asked for a sign of life since it was last heard.
    var isPinged = false
    /// Whether the other side has let this node in: its founding state, its first frame after the
    /// greeting, has arrived.
    var isLetIn = false

    /// Whether the other side still owes its greeting.
    var isGreeting: Bool {
        if case .greeting = phase { true } else { false }
    }

    /// Whether it is an incoming connection that has not introduced itself.
    var isStranger: Bool { isGreeting && dialed == nil }

    /// Whether what the other side says can make this node end: only on a connection that this node
    /// has opened itself.
    var isOwnCall: Bool { dialed != nil && !isHearsay }

    var peer: Hello? {
        if case .established(let hello) = phase { hello } else { nil }
    }

    /// Who the other side says it is, established or not.
    var introduced: Hello? {
        switch phase {
        case .greeting: nil
        case .established(let hello), .contested(let hello, _, _): hello
        }
    }

    /// What each frame leads to in each state: the whole table. A stranger has one frame, its greeting.
    func reaction(to message: PeerMessage) -> Reaction {
        if case .raft(let message) = message, let foundedPeer {
            if message.needsLevels, levels == nil { return .close }
            return .stepRaft(message, from: foundedPeer)
        }
        switch (phase, message) {
        case (.greeting, .hello(let hello)): return dialed == nil ? .judge(hello) : .close
        case (.greeting, .welcome(let hello)): return dialed == nil ? .close : .judge(hello)
        case (.greeting, .refusal(let refusal)):
            return dialed == nil ? .close : .handleRefusal(refusal)
        case (.greeting, _): return .close
        case (_, .hello), (_, .welcome): return .close
        case (_, .refusal(let refusal)): return .handleRefusal(refusal)
        case (_, .founding(let state)): return .noteFounding(state)
        // The other side names levels, too; so the next call does.
        case (_, .ping(Replica.callAgain)) where isPlainCall: return .close
        // The other side may believe that it is let in already; what it says until then is dropped.
        case (.contested, _): return .ignore
        case (.established, .ping(let number)): return .replyToPing(number)
        case (.established, .pong(let number)): return .handlePong(number)
        case (.established(let peer), .stateHash(let hash)):
            return levels == nil ? .close : .noteHash(hash, of: peer.node)
        // Founded on both sides it was handled above.
        case (.established, .raft): return .ignore
        }
    }

    /// The other side, which has introduced itself, tells a new founding state.
    mutating func update(_ hello: Hello) {
        switch phase {
        case .greeting: preconditionFailure("news from a stranger")
        case .established: phase = .established(hello)
        case .contested(_, let ping, let until):
            phase = .contested(hello, ping: ping, until: until)
        }
    }
}

extension FoundingState {
    var isFounded: Bool {
        if case .founded = self { true } else { false }
    }
}
