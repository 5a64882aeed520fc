import Primitives

/// Suspicions, while they last. See `Suspicion` for how long that is.
extension Gossip {
    mutating func beginSuspicion(of member: Member, by accuser: NodeID) {
        suspicions.append(
            Suspicion(
                of: member.id, incarnation: member.incarnation, by: accuser, in: table.size,
                profile: profile, at: now))
    }

    /// There is one for each member that is suspected; their order is of no account.
    mutating func endSuspicion(of id: NodeID) {
        guard let position = suspicions.firstIndex(where: { $0.id == id }) else { return }
        suspicions.swapAt(position, suspicions.count - 1)
        suspicions.removeLast()
    }

    /// Another member says that it suspects the same one. Only a known one counts: names are free
    /// to forge.
    mutating func confirmSuspicion(of rumour: Rumour, by accuser: NodeID) {
        guard table[accuser] != nil,
            let position = suspicions.firstIndex(where: { $0.id == rumour.id })
        else { return }
        // Told on as often as a new rumour: others count accusers, too (Lifeguard §IV-B).
        if suspicions[position].confirm(by: accuser) { queue.add(rumour) }
    }

    mutating func suspicionsEnded(_ effects: inout Effects) {
        guard suspicions.contains(where: { $0.end <= now }) else { return }
        for suspicion in suspicions where suspicion.end <= now {
            apply(
                Rumour(
                    id: suspicion.id, incarnation: suspicion.incarnation, claim: .dead(by: id)),
                &effects)
        }
    }
}
