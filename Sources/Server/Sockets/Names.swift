import Node
import Posix
import Primitives

/// Looking names up, beside the loop. Those that only the gossip tells have a few threads of their own,
/// so that no rumour keeps a name of the config file waiting.
struct Names: ~Copyable {
    /// The look-up of the gossip port's own name; the node's tickets count up from 1.
    private static let gossipPort = UInt64.max

    private let watchlist: Watchlist
    private let resolver: NameResolver
    /// Looks up names that only others know of; made for the first of them.
    private var rumoured: Optional<NameResolver>
    /// The hosts that the config file names.
    private let hostsOfFile: [String]
    private var isLookingUpGossipPort: Bool

    init(hostsOfFile: [String], _ watchlist: Watchlist) throws(Errno) {
        let resolver = try NameResolver(
            capacity: ServerLimits.openLookUps, threads: ServerLimits.lookUps)
        try watchlist.watch(resolver.descriptor, as: .names)
        self.resolver = resolver
        self.hostsOfFile = hostsOfFile
        self.watchlist = watchlist
        rumoured = nil
        isLookingUpGossipPort = false
    }

    /// Whether only the gossip tells a name that it told: one that the config file names is no rumour.
    func isRumour(_ address: Address) -> Bool { !hostsOfFile.contains(address.hostText) }

    /// Looks up what the node wants looked up.
    mutating func lookUp(_ wanted: Node.Effects.LookUp, _ core: inout CounterNode) {
        let isRumour = wanted.isRumour && isRumour(wanted.address)
        guard let resolver = isRumour ? rumouredResolver() : resolver else {
            return core.node.note(
                .lookedUp(ticket: wanted.ticket, .failed("no descriptor is left")))
        }
        switch resolver.lookUp(wanted.address, ticket: wanted.ticket) {
        case .known(let address): note(wanted.ticket, .success([address]), &core)
        case .queued: break
        case .full:
            core.node.note(
                .lookedUp(ticket: wanted.ticket, .failed("too many names are being looked up")))
        }
    }

    /// Looks the name of the gossip's own port up. False where too many are looked up already.
    mutating func lookUpGossipPort(_ address: Address) -> Bool {
        if isLookingUpGossipPort { return true }
        isLookingUpGossipPort = resolver.lookUp(address, ticket: Names.gossipPort) == .queued
        return isLookingUpGossipPort
    }

    /// Nobody waits for that answer any more.
    mutating func abandon(_ ticket: UInt64) {
        resolver.abandon(ticket)
        rumoured?.abandon(ticket)
    }

    /// Hands over what was found. Returns what is known of the gossip port's own name.
    mutating func collect(
        _ core: inout CounterNode
    ) -> Result<[SocketAddress], NameResolver.Failure>? {
        var ofPort: Result<[SocketAddress], NameResolver.Failure>?
        for answer in resolver.collect() + (rumoured?.collect() ?? []) {
            if answer.ticket == Names.gossipPort {
                ofPort = answer.result
                isLookingUpGossipPort = false
            } else {
                note(answer.ticket, answer.result, &core)
            }
        }
        return ofPort
    }

    private func note(
        _ ticket: UInt64, _ result: Result<[SocketAddress], NameResolver.Failure>,
        _ core: inout CounterNode
    ) {
        switch result {
        case .success(let addresses):
            core.node.note(.lookedUp(ticket: ticket, .found(addresses.compactMap(\.address))))
        case .failure(let failure):
            core.node.note(.lookedUp(ticket: ticket, .failed(failure.description)))
        }
    }

    private mutating func rumouredResolver() -> NameResolver? {
        if rumoured == nil, let made = try? NameResolver(threads: ServerLimits.rumourLookUps),
            (try? watchlist.watch(made.descriptor, as: .rumouredNames)) != nil
        {
            rumoured = made
        }
        return rumoured
    }
}
