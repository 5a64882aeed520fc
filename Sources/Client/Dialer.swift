import HTTP
import Posix
import Primitives

/// Runs exchanges side by side until each has an outcome, and sleeps between them: the one place of
/// the client that waits.
final class Dialer {
    private let poller: Poller
    private var events: [PollEvent] = []
    /// Made for the first name: most addresses are numbers, and a resolver has a thread.
    private var resolver: NameResolver?
    private var begun: UInt32 = 0

    /// The resolver's place among the tokens.
    private static let resolverToken = PollToken(slot: .max, generation: 0)

    init() throws(Errno) {
        poller = try Poller()
    }

    /// Asks each URL, and gives back how that ended, in the same order; at `end` all are given up,
    /// by default when the overall timeout is over.
    func ask(
        _ urls: [HTTPURL], _ method: Method, fields: [RequestEncoder.Field] = [],
        body: [UInt8]? = nil, timeouts: CallTimeouts, until end: Instant? = nil,
        limits: Limits = .response, watch: @escaping ContentWatch = { _, _ in }
    ) -> [Exchange.Outcome] {
        let now = MonotonicClock.now()
        let end = end ?? now + timeouts.overall
        let exchanges = urls.enumerated().map { position, url in
            begun &+= 1
            return Exchange(
                method,
                request: RequestEncoder.encode(method, url, fields: fields, body: body),
                address: url.address,
                token: PollToken(slot: UInt32(position), generation: begun),
                timeouts: timeouts, end: end, limits: limits, watch: watch, at: now)
        }
        for exchange in exchanges { find(exchange, at: now) }
        run(exchanges)
        return exchanges.map { exchange in
            guard let outcome = exchange.outcome else {
                preconditionFailure("an exchange with \(exchange.address) without an outcome")
            }
            return outcome
        }
    }

    /// Sleeps until that moment.
    func pause(until moment: Instant) {
        while MonotonicClock.now() < moment {
            // An error can't be repaired by sleeping less; the next exchange will report it.
            guard (try? poller.wait(until: moment, into: &events)) != nil else { return }
        }
    }

    private func find(_ exchange: Exchange, at now: Instant) {
        if let address = SocketAddress(exchange.address) {
            exchange.dial([address], poller, at: now)
            return
        }
        do throws(Errno) {
            let lookup = try theResolver().lookUp(exchange.address, ticket: exchange.token.packed)
            switch lookup {
            case .known(let address): exchange.dial([address], poller, at: now)
            case .queued: break
            case .full: exchange.failToName("too many names are being looked up")
            }
        } catch {
            exchange.failToName("\(error)")
        }
    }

    private func theResolver() throws(Errno) -> NameResolver {
        if let resolver { return resolver }
        let made = try NameResolver()
        try poller.register(
            made.descriptor, token: Dialer.resolverToken, interest: .readable)
        resolver = made
        return made
    }

    private func run(_ exchanges: [Exchange]) {
        while let next = exchanges.filter({ $0.outcome == nil }).map(\.deadline).min() {
            do throws(Errno) {
                try poller.wait(until: next, into: &events)
            } catch {
                for exchange in exchanges { exchange.abandon("\(error)", poller) }
                return
            }
            let now = MonotonicClock.now()
            for event in events {
                if event.token == Dialer.resolverToken {
                    takeNames(exchanges, at: now)
                } else {
                    exchanges.first { $0.token == event.token }?.advance(poller, at: now)
                }
            }
            for exchange in exchanges { exchange.expire(poller, at: now) }
        }
    }

    /// An answer whose exchange is over, or of an earlier call, is dropped.
    private func takeNames(_ exchanges: [Exchange], at now: Instant) {
        for answer in resolver?.collect() ?? [] {
            guard let exchange = exchanges.first(where: { $0.token.packed == answer.ticket })
            else { continue }
            switch answer.result {
            case .success(let addresses): exchange.dial(addresses, poller, at: now)
            case .failure(let failure): exchange.failToName(failure.description)
            }
        }
    }
}
