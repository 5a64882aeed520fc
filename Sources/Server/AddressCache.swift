import Posix
import Primitives

/// Names in addresses that the gossip uses, with what they were last found to be.
///
/// A number needs no look-up. A name is looked up again when what is known of it has become old, and
/// until the answer comes the old one is used.
struct AddressCache {
    /// What is known of an address at once.
    enum Finding: Equatable {
        case known(SocketAddress)
        /// Ask for it under this number; the answer goes to `learn`.
        case ask(Endpoint, ticket: UInt64)
        /// Somebody has asked already.
        case pending
        /// It is no address, its name is not known, or there are too many names.
        case nowhere
    }

    private struct Name {
        let endpoint: Endpoint
        var found: [SocketAddress] = []
        /// Until when it is not looked up again.
        var until = Instant.origin
        var ticket: UInt64?
    }

    private var names: [Name] = []

    /// What an address stands for. Where a name is to be looked up anew, `ask` is called, and returns
    /// whether somebody will look.
    ///
    /// - Parameter prefersVersion6: Which of several addresses is taken.
    mutating func find(
        _ endpoint: Endpoint, prefersVersion6: Bool, at now: Instant,
        ask: (Endpoint) -> UInt64?
    ) -> Finding {
        if let number = endpoint.numericAddress { return .known(number) }
        let position: Int
        if let known = names.firstIndex(where: { $0.endpoint == endpoint }) {
            position = known
        } else {
            guard makeRoom(at: now) else { return .nowhere }
            names.append(Name(endpoint: endpoint))
            position = names.count - 1
        }
        if names[position].ticket == nil, now >= names[position].until {
            names[position].ticket = ask(endpoint)
        }
        let found = names[position].found
        if let address = found.first(where: { $0.isVersion6 == prefersVersion6 }) ?? found.first {
            return .known(address)
        }
        return names[position].ticket == nil ? .nowhere : .pending
    }

    /// An answer has come. Returns whether somebody had asked for it here.
    mutating func learn(_ answer: NameResolver.Answer, at now: Instant) -> Bool {
        guard let position = names.firstIndex(where: { $0.ticket == answer.ticket }) else {
            return false
        }
        names[position].ticket = nil
        names[position].until = now + ServerLimits.nameLife
        // A name that is not known for the moment is still where it was.
        if case .success(let addresses) = answer.result { names[position].found = addresses }
        return true
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
