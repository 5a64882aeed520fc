import Primitives
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

    let id: LinkID
    /// Whom this node called; nil where it was called.
    let dialed: NodeID?
    let openedAt: Instant
    var phase = Phase.greeting
    var lastHeard: Instant
    /// Whether it was asked for a sign of life since it was last heard.
    var isPinged = false

    /// Whether the other side still owes its greeting.
    var isGreeting: Bool {
        if case .greeting = phase { true } else { false }
    }

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
