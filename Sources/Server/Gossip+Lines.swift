import Gossip

// What the gossip has to say to people, as lines for the node's log.

extension Gossip.Counters {
    /// How much was dropped that nobody of this cluster should have sent.
    var alarming: Int {
        malformed + foreign + oversized + implausible + overfull + overloaded
    }

    /// What was dropped since then, for people.
    func text(since then: Gossip.Counters) -> String {
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

extension Gossip.Notice {
    /// The line for people.
    var text: String {
        switch self {
        case .joined(let node): "joined the gossip through \(node)"
        case .changed(let node, let state): "the gossip has \(node) as \(state)"
        case .refuted(let state, let incarnation):
            "others took this node for \(state); it says otherwise, incarnation \(incarnation)"
        case .datagramsBlocked(let node):
            "\(node) answers the gossip over TCP and not over UDP: let UDP through to its gossip port"
        case .twin(let gossip):
            "another process says at \(gossip) that it is this node: stop it, or give it its own id"
        }
    }
}
