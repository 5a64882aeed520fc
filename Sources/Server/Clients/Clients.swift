import HTTP
import Posix
import Primitives
import Replica

/// All connections of clients, from bytes to requests and from replies back to bytes.
struct Clients: ~Copyable {
    let watchlist: Watchlist
    /// Empty once the node takes no new clients.
    var listeners: [Listener]
    let limit: Int
    let ownNames: OwnNames
    let nodeName: [UInt8]
    let startedAt: Instant

    var count = 0
    /// Whether a listener has connections that were not accepted.
    var hasWaiting = false
    var ready: [ClientConnection] = []
    var dirty: [ClientConnection] = []
    /// Who has been answered and is read on for a while, and who is one more than fit: oldest first.
    var lingering = RingBuffer<PollToken>()
    var surplus = RingBuffer<PollToken>()
    var readinessChecks = RingBuffer<ReadinessCheck>()
    var snapshotReaders = SnapshotReaders()
    var sweepDue = Instant.never
    /// Who has room for requests again that were left unread.
    var resumed: [ClientConnection] = []
    /// Until when connections on which nothing is asked are kept, once the node is to end.
    var quietDue = Instant.never

    // Room that is used again.
    var inbox = [UInt8](repeating: 0, count: ServerLimits.inbox)
    var page: [UInt8] = []
    var encoder = ResponseEncoder(secondsSince1970: WallClock.secondsSince1970())

    init(
        _ listeners: [Listener], limit: Int, ownNames: OwnNames, nodeName: [UInt8],
        startedAt: Instant, _ watchlist: Watchlist
    ) {
        self.listeners = listeners
        self.limit = limit
        self.ownNames = ownNames
        self.nodeName = nodeName
        self.startedAt = startedAt
        self.watchlist = watchlist
    }

    mutating func watchListeners() throws(Errno) {
        for listener in listeners {
            try watchlist.watch(listener.socket.descriptor, as: .httpListener)
        }
    }

    /// When the clients want a turn.
    var deadline: Instant {
        if !resumed.isEmpty { return .origin }
        return min(min(sweepDue, quietDue), readinessChecks.first?.deadline ?? .never)
    }

    /// Something is ready at a connection.
    mutating func take(_ event: PollEvent, of client: ClientConnection) {
        if event.writable { markDirty(client) }
        if event.readable || event.hangup { ready.append(client) }
    }

    /// The clients' part of a turn: reads and serves all who have something to say.
    mutating func turn(_ core: inout CounterNode, _ log: inout NodeLog) {
        if !ready.isEmpty || count > 0 {
            encoder.setDate(secondsSince1970: WallClock.secondsSince1970())
        }
        resumeAll(&core)
        readAll(&core)
        if core.now >= sweepDue { sweep(&core) }
        if core.now >= readinessChecks.first?.deadline ?? .never { expireReadinessChecks(core) }
        if core.now >= quietDue { endQuiet(&core) }
        if hasWaiting { accept(&core, &log) }
    }

    /// Writes the turn's replies, and sends.
    mutating func answer(_ core: inout CounterNode) {
        let answers = core.effects.answers
        for (request, answer) in answers {
            // Applied in the order of the log, whether or not somebody still waits for it.
            let reply = core.reply(to: answer)
            let number = RequestNumber(request)
            guard let client = client(of: number), let position = client.position(of: number) else {
                continue
            }
            // A question about readiness may have had its answer already, in its place behind others.
            if client.exchanges[position].rendered == nil {
                self.answer(client, at: position, reply, core)
            }
        }
        core.applyCommitted()
        flush(&core)
    }

    // MARK: Stopping

    /// The node is to end: no new clients are taken in, and those on whose connections nothing is asked
    /// are ended after a while. Whoever waits in the listener's queue has a connection already, and gets
    /// an answer.
    mutating func beginStop(_ core: inout CounterNode, _ log: inout NodeLog) {
        quietDue = core.now + ServerLimits.linger
        accept(&core, &log, atMost: ServerLimits.clients)
        for listener in listeners { watchlist.removeListener(listener.socket.descriptor) }
        listeners = []
    }

    /// Ends connections on which nothing is asked. Not sooner, since a request may have been under way
    /// when the stop began.
    private mutating func endQuiet(_ core: inout CounterNode) {
        quietDue = core.now + ServerLimits.sweep
        for client in watchlist.clients
        where client.isOpen && client.exchanges.isEmpty && client.unparsed.isEmpty
            && client.output.isEmpty
        {
            linger(client, core)
        }
    }
}
