import Configuration
import Gossip
import Posix
import Primitives

/// Something of the gossip's that waits until a name is looked up.
struct WaitingForName {
    enum Work {
        case datagram(Gossip.Effects.OutboundDatagram)
        case call(Gossip.Effects.Call)
    }

    var endpoint: Endpoint
    var work: Work
    var until: Instant
}

/// Names in addresses. Those that only others tell have a few threads of their own, so that no rumour
/// keeps a name of the config file waiting.
extension Server {
    /// What an address that somebody told stands for, as far as it is known.
    mutating func findForGossip(_ address: Address) -> AddressCache.Finding {
        guard let endpoint = Endpoint(address.description) else { return .nowhere }
        return findForGossip(endpoint)
    }

    mutating func findForGossip(_ endpoint: Endpoint) -> AddressCache.Finding {
        if let number = endpoint.numericAddress { return .known(number) }
        if gossipNames.isDue(endpoint, at: now) {
            let ticket = nextTicket
            nextTicket += 1
            // A rumour that names a host of the config file is none.
            let isRumour = !hostsOfFile.contains(endpoint.host)
            if lookUp(endpoint, isRumour: isRumour, ticket: ticket) == .queued {
                gossipNames.asked(endpoint, ticket: ticket)
            }
        }
        let isVersion6 = gossipPort.prefersVersion6
        return gossipNames.find(endpoint, prefersVersion6: isVersion6)
    }

    /// Looks an address up, by the threads for its kind.
    mutating func lookUp(
        _ endpoint: Endpoint, isRumour: Bool, ticket: UInt64
    ) -> NameResolver.Lookup {
        if let number = endpoint.numericAddress { return .known(number) }
        guard isRumour else { return resolver.lookUp(endpoint, ticket: ticket) }
        if rumourResolver == nil,
            let made = try? NameResolver(threads: ServerLimits.rumourLookUps)
        {
            guard watch(made.descriptor, as: .rumourResolver) else { return .full }
            rumourResolver = made
        }
        return rumourResolver?.lookUp(endpoint, ticket: ticket) ?? .full
    }

    /// Nobody waits for that answer any more.
    mutating func abandonLookUp(_ ticket: UInt64) {
        resolver.abandon(ticket)
        rumourResolver?.abandon(ticket)
    }

    mutating func waitForName(_ work: WaitingForName.Work, to address: Address) {
        guard waitingForNames.count < ServerLimits.waitingForNames,
            let endpoint = Endpoint(address.description)
        else { return giveUp(work) }
        waitingForNames.append(
            WaitingForName(endpoint: endpoint, work: work, until: now + ServerLimits.gossipStream))
    }

    private mutating func giveUp(_ work: WaitingForName.Work) {
        // A datagram may be lost at any time; a call has an end.
        if case .call(let call) = work { failGossipCall(call.id) }
    }

    mutating func expireWaiting() {
        guard waitingForNames.contains(where: { now >= $0.until }) else { return }
        let waiting = waitingForNames
        waitingForNames = waiting.filter { now < $0.until }
        for work in waiting where now >= work.until { giveUp(work.work) }
    }

    /// Goes on with what waited for these names.
    mutating func take(_ answers: [NameResolver.Answer]) {
        for answer in answers {
            if takeDialAnswer(answer) { continue }
            gossipNames.learn(answer, at: now)
            if answer.endpoint == gossipPort.endpoint, !gossipPort.isBound {
                gossipPort.nextTry = now
            }
            let waiting = waitingForNames
            waitingForNames = waiting.filter { $0.endpoint != answer.endpoint }
            for work in waiting where work.endpoint == answer.endpoint {
                switch work.work {
                case .datagram(let datagram): send(datagram)
                case .call(let call): open(call)
                }
            }
        }
    }
}
