import Posix

/// What stands behind a descriptor that the poller watches.
enum Seat {
    case free
    case httpListener
    case raftListener
    case signals
    case resolver
    case rumourResolver
    case gossipSocket
    case gossipListener(Listener)
    case gossipStream(GossipStream)
    case supervisor
    case client(ClientConnection)
    case link(PeerLink)
}

/// Gives out the places that poll tokens name. A place is used again, its token is not: an event of
/// a connection that was closed in the same turn finds nobody.
struct Seats {
    private var seats: [Seat] = []
    private var generations: [UInt32] = []
    private var free: [UInt32] = []

    /// A token for a new occupant, who is put in its place by `occupy`.
    mutating func reserve() -> PollToken {
        if let slot = free.popLast() {
            return PollToken(slot: slot, generation: generations[Int(slot)])
        }
        seats.append(.free)
        generations.append(0)
        return PollToken(slot: UInt32(seats.count - 1), generation: 0)
    }

    /// Puts the occupant in its place.
    mutating func occupy(_ token: PollToken, _ seat: Seat) {
        precondition(generations[Int(token.slot)] == token.generation, "an old token")
        seats[Int(token.slot)] = seat
    }

    /// Who sits there; `free` if the one whom the token meant has left.
    subscript(token: PollToken) -> Seat {
        guard Int(token.slot) < seats.count, generations[Int(token.slot)] == token.generation else {
            return .free
        }
        return seats[Int(token.slot)]
    }

    /// Who sits in that place, whatever the token.
    func occupant(of slot: UInt32) -> Seat {
        Int(slot) < seats.count ? seats[Int(slot)] : .free
    }

    /// Empties the place.
    mutating func leave(_ token: PollToken) {
        guard generations[Int(token.slot)] == token.generation else { return }
        seats[Int(token.slot)] = .free
        generations[Int(token.slot)] &+= 1
        free.append(token.slot)
    }

    /// All connections of clients.
    var clients: [ClientConnection] {
        seats.compactMap { if case .client(let client) = $0 { client } else { nil } }
    }
}
