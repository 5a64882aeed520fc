import Primitives

// Connections to the other voters, and whoever else comes to a port.

extension LogLine {
    static func linked(_ peer: NodeID) -> LogLine {
        LogLine(
            level: .info, event: .linked, message: "connected to \(peer)",
            fields: [.node("peer", peer)], subject: "\(peer)", allowance: change)
    }

    static func linkLost(_ peer: NodeID) -> LogLine {
        LogLine(
            level: .warning, event: .linkLost, message: "the connection to \(peer) has ended",
            fields: [.node("peer", peer)], subject: "\(peer)", allowance: change)
    }

    /// A peer's name leads nowhere; `origin` is who told the name.
    static func lookUpFailed(
        _ peer: NodeID, at address: String, _ why: String, from origin: Origin
    ) -> LogLine {
        LogLine(
            level: .warning, event: .lookUpFailed,
            message: "\(peer) can't be called at \(address): \(why)",
            fields: [.node("peer", peer), .text("address", address), .text("reason", why)],
            origin: origin, subject: "\(peer) \(address) \(why)")
    }

    /// A handshake that failed, on either side.
    static func refused(_ text: String) -> LogLine {
        LogLine(
            level: .warning, event: .stranger, message: text, origin: .stranger, subject: text)
    }

    /// Bytes at the raft port that no node sends.
    static func badBytes(from address: String, _ why: String) -> LogLine {
        LogLine(
            level: .warning, event: .stranger,
            message: "closing the connection from \(address) at the raft port: \(why)",
            fields: [.text("address", address), .text("reason", why)],
            origin: .stranger, subject: why)
    }

    /// One of the addresses of a listener's name is of a kind that this machine does not have.
    static func addressAbsent(_ port: String, _ address: String, _ why: String) -> LogLine {
        LogLine(
            level: .info, event: .addressAbsent,
            message: """
                \(port) does not listen on \(address), which this machine does not have: \(why)
                """,
            fields: [.text("port", port), .text("address", address), .text("reason", why)],
            subject: "\(port) \(address)")
    }

    /// A connection that waits at a port can't be taken, for want of descriptors or memory.
    static func acceptFailed(_ port: String, _ why: String) -> LogLine {
        LogLine(
            level: .warning, event: .acceptFailed,
            message: "a connection to the \(port) port could not be accepted: \(why)",
            fields: [.text("port", port), .text("reason", why)],
            origin: .stranger, subject: "\(port) \(why)")
    }
}
