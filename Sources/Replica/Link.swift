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
        /// The other side claims to be a node whose connection, by another process, still stands;
        /// that one has been asked with `ping` whether it lives.
        case contested(Hello, ping: UInt64, until: Instant)
    }

    /// What a frame leads to.
    enum Reaction {
        /// The other side has said who it is, and is judged.
        case judge(Hello)
        /// The other side will not go on.
        case handleRefusal(Refusal)
        case noteFounding(FoundingState)
        case replyToPing(UInt64)
        case handlePong(UInt64)
        case stepRaft(Message, from: Hello)
        case ignore
        /// The connection ends without an answer.
        case close
    }

    let id: LinkID
    /// Whom this node called; nil where it was called.
    let dialed: NodeID?
    /// Whether this node called an address that only others told, though it knows one itself.
    let isHearsay: Bool
    let openedAt: Instant
    var phase = Phase.greeting
    var lastHeard: Instant
    /// Whether it was asked for a sign of life since it was last heard.
    var isPinged = false
    /// Whether anything has come since the greeting. The other side's first words after it, from where
    /// it has let this node in, are its founding state.
    var isLetIn = false

    /// Whether the other side still owes its greeting.
    var isGreeting: Bool {
        if case .greeting = phase { true } else { false }
    }

    /// Whether somebody has called and not said who it is.
    var isStranger: Bool { isGreeting && dialed == nil }

    /// Whether what the other side says may end this node: only where this node called it, so that
    /// nobody does so by calling.
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
        switch (phase, message) {
        case (.greeting, .hello(let hello)): dialed == nil ? .judge(hello) : .close
        case (.greeting, .welcome(let hello)): dialed == nil ? .close : .judge(hello)
        case (.greeting, .refusal(let refusal)): dialed == nil ? .close : .handleRefusal(refusal)
        case (.greeting, _): .close
        case (_, .hello), (_, .welcome): .close
        case (_, .refusal(let refusal)): .handleRefusal(refusal)
        case (_, .founding(let state)): .noteFounding(state)
        // The other side may take itself for let in already; what it says more counts from then on.
        case (.contested, _): .ignore
        case (.established, .ping(let number)): .replyToPing(number)
        case (.established, .pong(let number)): .handlePong(number)
        case (.established(let peer), .raft(let message)):
            peer.founding.isFounded ? .stepRaft(message, from: peer) : .ignore
        }
    }

    /// The other side, which has introduced itself, says something new about itself.
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
