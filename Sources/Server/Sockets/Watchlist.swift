import Posix
import Primitives

/// What stands behind a descriptor that the loop watches.
enum Watched {
    case nothing
    case httpListener
    case raftListener
    case signals
    case names
    case rumouredNames
    case datagrams
    case gossipListener(Listener)
    case disk
    case snapshots
    case supervisor
    case client(ClientConnection)
    case stream(PeerStream)
}

/// The descriptors that the loop watches, each with what stands behind it. A place is used again, its
/// token is not: an event of a connection that was closed in the same turn finds nothing.
final class Watchlist {
    private let poller: Poller
    private var places: [Watched] = []
    private var generations: [UInt32] = []
    private var free: [UInt32] = []

    init(_ poller: consuming Poller) { self.poller = poller }

    /// Sleeps until something is ready or the deadline has come.
    func wait(until deadline: Instant, into events: inout [PollEvent]) throws(Errno) {
        try poller.wait(until: deadline, into: &events)
    }

    /// A token for something that is put in its place by `put`.
    func reserve() -> PollToken {
        if let slot = free.popLast() {
            return PollToken(slot: slot, generation: generations[Int(slot)])
        }
        places.append(.nothing)
        generations.append(0)
        return PollToken(slot: UInt32(places.count - 1), generation: 0)
    }

    /// Puts something in the place of its token and watches its descriptor; where that can't be done the
    /// place is free again.
    func put(
        _ watched: Watched, at token: PollToken, _ descriptor: Int32,
        interest: PollInterest = .readable
    ) throws(Errno) {
        precondition(generations[Int(token.slot)] == token.generation, "an old token")
        places[Int(token.slot)] = watched
        do throws(Errno) {
            try poller.register(descriptor, token: token, interest: interest)
        } catch {
            release(token)
            throw error
        }
    }

    /// Watches a descriptor from now on.
    @discardableResult
    func watch(_ descriptor: Int32, as watched: Watched) throws(Errno) -> PollToken {
        let token = reserve()
        try put(watched, at: token, descriptor)
        return token
    }

    /// Wants to hear something else about a descriptor.
    func setInterest(_ interest: PollInterest, of descriptor: Int32, _ token: PollToken) {
        try? poller.modify(descriptor, token: token, interest: interest)
    }

    /// Watches a descriptor no more.
    func remove(_ descriptor: Int32, _ token: PollToken) {
        try? poller.remove(descriptor)
        release(token)
    }

    /// Watches a descriptor no more whose place is used by nothing else: a listener.
    func removeListener(_ descriptor: Int32) { try? poller.remove(descriptor) }

    /// What is in the place of that token; nothing if what the token meant has gone.
    subscript(token: PollToken) -> Watched {
        guard Int(token.slot) < places.count, generations[Int(token.slot)] == token.generation
        else { return .nothing }
        return places[Int(token.slot)]
    }

    /// What is in that place, whatever the token.
    func occupant(of slot: UInt32) -> Watched {
        Int(slot) < places.count ? places[Int(slot)] : .nothing
    }

    private func release(_ token: PollToken) {
        guard generations[Int(token.slot)] == token.generation else { return }
        places[Int(token.slot)] = .nothing
        generations[Int(token.slot)] &+= 1
        free.append(token.slot)
    }

    /// All connections of clients.
    var clients: [ClientConnection] {
        places.compactMap { if case .client(let client) = $0 { client } else { nil } }
    }
}
