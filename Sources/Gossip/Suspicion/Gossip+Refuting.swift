import Primitives

/// What this member says of itself. No other raises its incarnation, so that its word is the
/// last one (SWIM §4.2).
extension Gossip {
    /// - Parameter isAnswer: whether it is in the answer to a call of this member's own. Only there
    ///   it learns of an earlier life however far ahead: a datagram is forged more easily.
    mutating func applyAboutSelf(_ rumour: Rumour, isAnswer: Bool, _ effects: inout Effects) {
        let own = own
        guard leaving == nil, rumour.incarnation >= own.incarnation else { return }
        guard isAnswer || own.versionedState.mayRise(to: rumour.incarnation) else {
            counters.implausible += 1
            return
        }
        guard case .alive(let metadata) = rumour.claim else {
            refutation.accused(rumour.versionedState, at: now)
            return
        }
        if rumour.incarnation == own.incarnation, metadata == own.metadata { return }
        if refutation.hasOverruled, metadata != own.metadata { noteTwin(metadata, &effects) }
        refutation.impersonated(rumour.versionedState, at: now)
    }

    mutating func refuteIfDue(_ effects: inout Effects) {
        guard leaving == nil, let claim = refutation.takeDue(at: now) else { return }
        guard claim.incarnation >= incarnation else { return }
        raiseIncarnation(above: claim.incarnation, own.metadata)
        if claim.state != .alive {
            // A member that others do not hear may not hear them either (Lifeguard §IV-A).
            health.worsen()
            effects.notices.append(.refuted(claim.state, incarnation: incarnation))
        }
    }

    mutating func described(_ metadata: Metadata) {
        guard leaving == nil, metadata != own.metadata else { return }
        raiseIncarnation(above: incarnation, metadata)
    }

    private mutating func raiseIncarnation(above other: UInt64, _ metadata: Metadata) {
        var own = own
        // The last number there is can't be outdone; whoever is accused in it must start anew.
        own.incarnation = min(other, GossipLimits.incarnation - 2) + 1
        own.metadata = metadata
        table.replace(own)
        queue.add(Rumour(about: own, by: id))
    }

    /// A process of this member's own name has called.
    mutating func reportTwin(in entries: [Message.Entry], _ effects: inout Effects) {
        for entry in entries where entry.id == id && entry.metadata != own.metadata {
            noteTwin(entry.metadata, &effects)
        }
    }

    private mutating func noteTwin(_ metadata: Metadata, _ effects: inout Effects) {
        guard refutation.mayNoteTwin(at: now) else { return }
        effects.notices.append(.twin(gossip: metadata.gossip))
    }
}
