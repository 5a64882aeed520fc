import Posix
import Primitives

/// Names in addresses that the gossip uses, with what they were last found to be.
///
/// A name is looked up again when what is known of it has become old, and until the answer comes the
/// old one is used.
struct AddressCache {
    /// What is known of a name.
    enum Finding: Equatable {
        case known(SocketAddress)
        /// Somebody is asking.
        case pending
        /// The name is not known, or there are too many names.
        case nowhere
    }

    private struct Name {
        let endpoint: Endpoint
        var found: [SocketAddress] = []
        /// Until when it is not looked up again.
        var until = Instant.origin
        /// The number of the look-up that is under way.
        var ticket: UInt64?
    }

    private var names: [Name] = []

    /// Whether a name should be looked up now. One that is new gets a place; where there is none it
    /// should not.
    mutating func isDue(_ endpoint: Endpoint, at now: Instant) -> Bool {
        if let known = names.first(where: { $0.endpoint == endpoint }) {
            return known.ticket == nil && now >= known.until
        }
        guard makeRoom(at: now) else { return false }
        names.append(Name(endpoint: endpoint))
        return true
    }

    /// A name is being looked up under that number.
    mutating func asked(_ endpoint: Endpoint, ticket: UInt64) {
        guard let position = names.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        names[position].ticket = ticket
    }

    /// What a name stands for; of several addresses the first of the preferred version.
    func find(_ endpoint: Endpoint, prefersVersion6: Bool) -> Finding {
        guard let name = names.first(where: { $0.endpoint == endpoint }) else { return .nowhere }
        let preferred = name.found.first { $0.isVersion6 == prefersVersion6 }
        if let address = preferred ?? name.found.first { return .known(address) }
        return name.ticket == nil ? .nowhere : .pending
    }

    /// All that a name stands for.
    func addresses(of endpoint: Endpoint) -> [SocketAddress] {
        names.first { $0.endpoint == endpoint }?.found ?? []
    }

    /// An answer has come.
    mutating func learn(_ answer: NameResolver.Answer, at now: Instant) {
        guard let position = names.firstIndex(where: { $0.ticket == answer.ticket }) else { return }
        names[position].ticket = nil
        names[position].until = now + ServerLimits.nameLife
        // A name that is not known for the moment is still where it was.
        if case .success(let addresses) = answer.result { names[position].found = addresses }
    }

    /// Forgets the oldest name where there are as many as may be.
    private mutating func makeRoom(at now: Instant) -> Bool {
        guard names.count >= ServerLimits.gossipNames else { return true }
        let old = names.indices.filter { names[$0].ticket == nil && now >= names[$0].until }
        guard let oldest = old.min(by: { names[$0].until < names[$1].until }) else { return false }
        names.remove(at: oldest)
        return true
    }
}
