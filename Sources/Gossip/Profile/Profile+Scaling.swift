import Primitives

/// What grows with the number of members, and how: with its logarithm at most.
extension Profile {
    /// How often each member sends a rumour (SWIM §4.1), in a cluster of that many.
    package func retransmissions(in members: Int) -> Int {
        retransmission * max(1, Logarithm.decimalRoundedUp(of: members + 1))
    }

    /// How long a suspicion lasts that as many others as it takes have confirmed.
    func shortestSuspicion(in members: Int) -> Timespan {
        let scale = max(Logarithm.one, Logarithm.decimal(of: max(1, members)))
        return probeInterval * suspicion * scale / Logarithm.one
    }

    /// How many confirmations make a suspicion that short. Where there are too few others to give
    /// them, none is waited for, and likewise without Lifeguard.
    func confirmationsWanted(in members: Int) -> Int {
        hasLifeguard && members - 2 >= confirmations ? confirmations : 0
    }

    /// How often two members exchange all they know. Beyond 32 members the pause grows by one
    /// interval with each doubling.
    func exchangeInterval(in members: Int) -> Timespan {
        guard members > 32 else { return pushPullInterval }
        let doublings = Logarithm.binary(of: members) - 5 * Logarithm.one
        return pushPullInterval * (1 + (doublings + Logarithm.one - 1) / Logarithm.one)
    }

    /// How long a member that was asked to ping another waits for its ack, so that a nack is back
    /// before the asker's period is over (Lifeguard §IV-A has 80% of the timeout, which in the wan
    /// profile would come too late).
    var relayTimeout: Timespan {
        min(probeTimeout * 4 / 5, Timespan(nanoseconds: rest.nanoseconds / 2))
    }

    /// What of a period is left after the timeout.
    private var rest: Timespan {
        Timespan(nanoseconds: probeInterval.nanoseconds - probeTimeout.nanoseconds)
    }

    /// Whether the numbers make sense together.
    var isSound: Bool {
        probeTimeout > .zero && probeTimeout < probeInterval && indirectProbes >= 0
            && retransmission > 0 && suspicion > 0 && suspicionCeiling > 0 && confirmations >= 0
            && healthCeiling > 0 && pushPullInterval > .zero && joinInterval > .zero
            && joinInterval <= joinCeiling && contactInterval > .zero && callTimeout > .zero
    }
}
