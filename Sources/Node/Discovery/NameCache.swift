import Gossip
import Primitives

/// Names in addresses that the gossip uses, with what they were last found to be.
///
/// A name is looked up again when what is known of it has become old, and until the answer comes the
/// old one is used.
struct NameCache {
    /// What is known of a name.
    enum Finding: Equatable {
        case known(Address)
        /// Somebody is asking.
        case pending
        /// The name is not known, or there are too many names.
        case nowhere
    }

    private struct Name {
        let address: Address
        var found: [Address] = []
        /// Until when it is not looked up again.
        var until = Instant.origin
        /// The number of the look-up that is under way.
        var ticket: UInt64?
    }

    private var names: [Name] = []

    /// Whether a name should be looked up now. One that is new gets a place; where there is none it
    /// should not.
    mutating func isDue(_ address: Address, at now: Instant) -> Bool {
        if let known = names.first(where: { $0.address == address }) {
            return known.ticket == nil && now >= known.until
        }
        guard makeRoom(at: now) else { return false }
        names.append(Name(address: address))
        return true
    }

    /// A name is being looked up under that number.
    mutating func asked(_ address: Address, ticket: UInt64) {
        guard let position = names.firstIndex(where: { $0.address == address }) else { return }
        names[position].ticket = ticket
    }

    /// What a name stands for; of several numbers the first of the preferred version.
    func find(_ address: Address, prefersVersion6: Bool) -> Finding {
        guard let name = names.first(where: { $0.address == address }) else { return .nowhere }
        let preferred = name.found.first { found in
            if case .ipv6 = found.host { prefersVersion6 } else { !prefersVersion6 }
        }
        if let number = preferred ?? name.found.first { return .known(number) }
        return name.ticket == nil ? .nowhere : .pending
    }

    /// An answer has come. Returns the name, nil where nobody asked under that number.
    mutating func learn(
        _ ticket: UInt64, _ result: Node.LookUpResult, at now: Instant
    ) -> Address? {
        guard let position = names.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        names[position].ticket = nil
        names[position].until = now + NodeLimits.nameLife
        // A name that is not known for the moment is still where it was.
        if case .found(let numbers) = result { names[position].found = numbers }
        return names[position].address
    }

    /// Forgets the oldest name where there are as many as may be.
    private mutating func makeRoom(at now: Instant) -> Bool {
        guard names.count >= NodeLimits.gossipNames else { return true }
        let old = names.indices.filter { names[$0].ticket == nil && now >= names[$0].until }
        guard let oldest = old.min(by: { names[$0].until < names[$1].until }) else { return false }
        names.remove(at: oldest)
        return true
    }
}

/// Something of the gossip's that waits until a name is looked up.
struct WaitingForName {
    enum Work {
        case datagram([UInt8])
        case call(Gossip.Effects.Call)
    }

    var address: Address
    var work: Work
    var until: Instant
}
