import Primitives
import Wire

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

    /// This node refuses whoever says that it is `claimed`; `dialed` is whom it had called, if it had.
    static func rejected(_ claimed: NodeID, _ refusal: Refusal, dialed: NodeID?) -> LogLine {
        let detail = String(decoding: refusal.detail, as: UTF8.self)
        return LogLine(
            level: .warning, event: .stranger, message: "\(claimed) is refused: \(detail)",
            fields: [.node("peer", claimed), .text("reason", "\(refusal.reason)")],
            origin: dialed == nil ? .stranger : .node,
            subject: "\(dialed ?? claimed) \(refusal.reason)")
    }

    /// A caller tells of a founding record in which this node has no place.
    static func contradicted(by claimed: NodeID) -> LogLine {
        LogLine(
            level: .warning, event: .stranger,
            message: """
                a caller that says it is \(claimed) has a record that speaks against this node; that \
                counts only where this node calls it
                """,
            fields: [.node("peer", claimed), .text("reason", "contradicted")], origin: .stranger,
            subject: "\(claimed) contradicted")
    }

    /// Another node refuses this one; `dialed` is whom this node had called, if it had.
    static func refused(by peer: NodeID?, _ refusal: Refusal, dialed: NodeID?) -> LogLine {
        let detail = String(decoding: refusal.detail, as: UTF8.self)
        let who = peer?.description ?? "a peer"
        return LogLine(
            level: .warning, event: .refused, message: "\(who) refuses this node: \(detail)",
            fields: [.text("peer", who), .text("reason", "\(refusal.reason)")],
            origin: dialed == nil ? .stranger : .node,
            subject: "\(dialed?.description ?? who) \(refusal.reason)")
    }

    /// A voter has sent entries that no node of this version makes.
    static func badEntries(from peer: NodeID) -> LogLine {
        LogLine(
            level: .error, event: .badEntries,
            message: "\(peer) sent entries that are no commands: closing the connection to it",
            fields: [.node("peer", peer)], subject: "\(peer)")
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
            message:
                "\(port) does not listen on \(address), which this machine does not have: \(why)",
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
