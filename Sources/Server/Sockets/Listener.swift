import Configuration
import Posix
import Primitives

/// A listening socket; a box, since an array can't hold what can't be copied.
final class Listener {
    var socket: TCPListener
    /// Whether the poller looks at it, where that can fail and be tried again.
    var isWatched = false

    init(_ socket: consuming TCPListener) { self.socket = socket }
}

/// Listening on all that an address of the config file stands for.
///
/// A name such as `localhost` has an IPv4 and an IPv6 address on most machines, and a client takes
/// whichever its own resolver names first. So all of them are bound, or the node does not start.
enum Listening {
    /// Binds every address that the listener has; a name is looked up here, before the loop turns.
    ///
    /// - Parameter tell: Is given a line about an address that this machine can't have.
    static func bind(
        _ what: String, _ address: Address?, tell: (LogLine) -> Void
    ) throws(ServerFault) -> [Listener] {
        guard let address else {
            preconditionFailure("no \(what) address in a file that was checked")
        }
        let found: [SocketAddress]
        if let numeric = SocketAddress(address) {
            found = [numeric]
        } else {
            do throws(NameFault) {
                found = try lookUpNow(address)
            } catch {
                throw .bind(
                    what: what, address: address.description,
                    "the name \(address.hostText) can't be looked up (\(error.reason)); give the node an "
                        + "address of this machine, or a name that its resolver knows")
            }
        }
        return try bind(what, address, at: found, tell: tell)
    }

    /// Binds every one of the addresses that were found for a listener.
    static func bind(
        _ what: String, _ address: Address, at found: [SocketAddress], tell: (LogLine) -> Void
    ) throws(ServerFault) -> [Listener] {
        var listeners: [Listener] = []
        for candidate in found {
            do throws(Errno) {
                listeners.append(Listener(try TCPListener(bindingTo: candidate)))
            } catch {
                guard found.count > 1 else {
                    throw .bind(what: what, address: address.description, error.description)
                }
                guard isAbsentFamily(error, of: candidate) else {
                    throw .bind(
                        what: what, address: address.description,
                        "of its addresses \(candidate) can't be bound (\(error))")
                }
                tell(.addressAbsent(what, "\(candidate)", "\(error)"))
            }
        }
        guard !listeners.isEmpty else {
            throw .bind(
                what: what, address: address.description,
                "this machine has none of its addresses, \(list(found))")
        }
        return listeners
    }

    /// Whether the machine lacks the whole kind of address, as one without IPv6 lacks `::1`: then no
    /// client can come that way, and nothing is missed. Any other address of a name must be bound, or
    /// some of its clients would find nobody.
    static func isAbsentFamily(_ error: Errno, of address: SocketAddress) -> Bool {
        error == .addressFamilyNotSupported
            || (error == .addressNotAvailable && address.host.isLoopback && address.isVersion6)
    }

    /// The addresses, for people.
    static func list(_ addresses: [SocketAddress]) -> String {
        addresses.map(\.description).joined(separator: " and ")
    }

    private struct NameFault: Error {
        var reason: String
    }

    private static func lookUpNow(_ address: Address) throws(NameFault) -> [SocketAddress] {
        let deadline = MonotonicClock.now() + ServerLimits.ownName
        var answer: NameResolver.Answer?
        do throws(Errno) {
            let resolver = try NameResolver()
            let poller = try Poller()
            try poller.register(
                resolver.descriptor, token: PollToken(slot: 0, generation: 0), interest: .readable)
            _ = resolver.lookUp(address, ticket: 1)
            var events: [PollEvent] = []
            while answer == nil && MonotonicClock.now() < deadline {
                try poller.wait(until: deadline, into: &events)
                answer = resolver.collect().first
            }
        } catch {
            throw NameFault(reason: error.description)
        }
        switch answer?.result {
        case .success(let addresses): return addresses
        case .failure(let failure): throw NameFault(reason: failure.description)
        case nil: throw NameFault(reason: "no answer in time")
        }
    }
}
