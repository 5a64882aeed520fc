import Gossip
import Node
import Primitives

// What the gossip has to say.

extension LogLine {
    init(_ notice: Gossip.Notice) {
        switch notice {
        case .joined(let node):
            self = .gossip(
                .info, .gossipJoined, "joined the gossip through \(node)", [.node("peer", node)])
        case .changed(let node, let state):
            self = .gossip(
                .info, .memberChanged, "the gossip has \(node) as \(state)",
                [.node("member", node), .text("state", "\(state)")],
                subject: "\(node) \(state)", allowance: LogLine.change)
        case .refuted(let state, let incarnation):
            self = .gossip(
                .info, .gossipRefuted,
                "others took this node for \(state); it says otherwise, incarnation \(incarnation)",
                [.text("state", "\(state)"), .number("incarnation", incarnation)],
                subject: "\(state)")
        case .datagramsBlocked(let node):
            self = .gossip(
                .warning, .gossipBlocked,
                "\(node) answers the gossip over TCP and not over UDP: let UDP through to its gossip port",
                [.node("peer", node)], subject: "\(node)")
        case .twin(let gossip):
            self = .gossip(
                .warning, .gossipTwin,
                """
                another process says at \(gossip) that it is this node: stop it, or give it its own id
                """, [.text("address", "\(gossip)")])
        }
    }

    static func gossipAlone(_ isAlone: Bool) -> LogLine {
        isAlone
            ? .gossip(
                .warning, .gossipAlone,
                "the gossip hears nobody else; the addresses known so far are used",
                allowance: LogLine.change)
            : .gossip(
                .info, .gossipHeard, "the gossip hears others again", allowance: LogLine.change)
    }

    static func gossipUnbound(_ endpoint: String, _ why: String) -> LogLine {
        .gossip(
            .warning, .gossipUnbound,
            """
            the gossip address \(endpoint) can't be listened on (\(why)): Raft and HTTP go on with the \
            addresses known so far. End what holds the port, or give this node another gossip address; \
            it is tried again every \(ServerLimits.gossipRetry.wholeMilliseconds / 1_000) s
            """, [.text("address", endpoint), .text("reason", why)], subject: why)
    }

    static func gossipBound(_ endpoint: String) -> LogLine {
        .gossip(
            .info, .gossipBound, "gossip on \(endpoint) at last", [.text("address", endpoint)])
    }

    /// What was dropped since the last time that this was said.
    static func gossipDropped(_ counters: Gossip.Counters, since then: Gossip.Counters) -> LogLine {
        .gossip(
            .warning, .gossipDropped, "the gossip has dropped " + counters.text(since: then),
            [.number("messages", counters.suspicious - then.suspicious)])
    }

    private static func gossip(
        _ level: LogLevel, _ event: LogEvent, _ message: String, _ fields: [LogField] = [],
        subject: String = "", allowance: Int = LogLine.complaint
    ) -> LogLine {
        LogLine(
            level: level, event: event, message: message, fields: fields, origin: .gossip,
            subject: subject, allowance: allowance)
    }
}

extension Gossip.Counters {
    /// What was dropped since then, for people.
    fileprivate func text(since then: Gossip.Counters) -> String {
        let counts = [
            (malformed - then.malformed, "malformed"), (foreign - then.foreign, "foreign"),
            (oversized - then.oversized, "too long"),
            (implausible - then.implausible, "implausible"),
            (overfull - then.overfull, "of members too many"),
            (overloaded - then.overloaded, "of probes too many"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            + " messages; who sends them is no node of this cluster, or no friend of it"
    }
}
