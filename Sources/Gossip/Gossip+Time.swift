import Primitives

/// What is due, and when the next is.
extension Gossip {
    mutating func timePassed(_ effects: inout Effects) {
        if let leaving {
            continueLeaving(leaving, &effects)
            return
        }
        probeTimedOut(&effects)
        if now >= nextPeriod { beginPeriod(&effects) }
        relaysTimedOut(&effects)
        suspicionsEnded(&effects)
        if now >= nextContact { contact(&effects) }
        if now >= nextExchange { exchange(&effects) }
        calls.removeAll { $0.end <= now }
    }

    /// The next time at which anything is due; after a leave that is over, never.
    var nextDeadline: Instant {
        if let leaving { return leaving.next }
        var next = min(nextPeriod, min(nextContact, nextExchange))
        next = min(next, refutation.due)
        if let probe, let timeout = probe.timeout { next = min(next, timeout) }
        // All of them wait equally long: the first to come is the first to go.
        if let relay = relays.first { next = min(next, relay.end) }
        for suspicion in suspicions { next = min(next, suspicion.end) }
        for call in calls { next = min(next, call.end) }
        if !isAlone, hasOthers { next = min(next, lastHeard + profile.aloneAfter) }
        return next
    }

    /// Whether there is any other member to hear from.
    private var hasOthers: Bool {
        table.members.count > 1 || seeds.contains { isCallable($0) }
    }

    mutating func updateIsAlone() {
        isAlone = hasOthers && now >= lastHeard + profile.aloneAfter
    }

    /// About so long: members that once did something together do not keep step for ever.
    mutating func spread(_ span: Timespan) -> Timespan {
        random.timespan(in: span * 3 / 4...span * 5 / 4)
    }
}
