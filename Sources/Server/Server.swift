import Configuration
import Gossip
import HTTP
import Posix
import Primitives
import Raft
import Replica
import Wire
import WriteAheadLog

/// One running node: the loop that turns what sockets, disk and clock say into the replica's events,
/// and carries out what it wants done.
///
/// One thread does everything in one order. A turn takes in all that is ready, steps it, sends,
/// writes once, syncs once, and sends what waited for the disk; so a busy loop commits many commands
/// with one sync.
struct Server: ~Copyable {
    let poller: Poller
    var httpListeners: [Listener]
    let raftListeners: [Listener]
    let signals: SignalQueue
    let resolver: NameResolver
    /// The hosts that the config file names.
    let hostsOfFile: [String]

    var replica: Replica
    var log: WriteAheadLog<FileDisk>
    var effects = Replica.Effects()
    var nodeLog: NodeLog
    let supervision: Supervision?

    var seats = Seats()
    var events: [PollEvent] = []
    var now = MonotonicClock.now()
    let startedAt = MonotonicClock.now()

    // Clients: Server+Clients.swift.
    var inbox = [UInt8](repeating: 0, count: ServerLimits.inbox)
    var encoder = ResponseEncoder(secondsSince1970: WallClock.secondsSince1970())
    var page: [UInt8] = []
    var readyClients: [ClientConnection] = []
    var dirtyClients: [ClientConnection] = []
    var clientCount = 0
    let clientLimit: Int
    /// Whether a listener has connections that were not accepted.
    var hasWaitingClients = false
    /// Who has been answered and is read on for a while, and who is one more than fit: oldest first.
    var lingering = RingBuffer<PollToken>()
    var surplus = RingBuffer<PollToken>()
    var readinessChecks = RingBuffer<ReadinessCheck>()
    let ownNames: OwnNames
    var sweepDue = Instant.never
    /// Whether the next turn begins at once, as the first does: a node alone waits for nobody.
    var mustTurn = true
    let nodeName: [UInt8]
    let clusterName: [UInt8]

    // Peers: Server+Links.swift.
    var readyLinks: [PeerLink] = []
    var hasWaitingCallers = false
    /// When callers are taken in again; `never` while they are.
    var callersDue = Instant.never
    var callerTokens: [PollToken] = []
    var linksByID: [(id: LinkID, link: PeerLink)] = []
    var nextLink: UInt64 = 1
    var dials: [Dial]
    var nextTicket: UInt64 = 1
    var droppedMessages: UInt64 = 0

    // The gossip: Server+Gossip.swift, Server+GossipNames.swift, Server+GossipStreams.swift and
    // Server+Discovery.swift.
    var gossip: Gossip
    var gossipEffects = Gossip.Effects()
    /// What the core is told in the next turn.
    var gossipEvents: [Gossip.Event] = []
    var gossipPort: GossipPort
    var gossipStreams: [GossipStream] = []
    var readyGossipStreams: [GossipStream] = []
    var nextCaller: UInt64 = 1
    var gossipNames = AddressCache()
    /// Looks up names that only others know of; made for the first of them.
    var rumourResolver: NameResolver?
    var waitingForNames: [WaitingForName] = []
    var peers: PeerAddresses
    var addressBook: AddressBookKeeper
    var hasAddressNews = false
    var seenMembers: UInt64 = 0
    var wasAlone = false
    var toldDrops = Gossip.Counters()
    var dropsDue = Instant.origin

    // The disk: Server+Disk.swift.
    let slowSync: Timespan
    var stop: StopProgress?

    init(_ parts: consuming ServerParts) {
        poller = parts.poller
        httpListeners = parts.httpListeners
        raftListeners = parts.raftListeners
        signals = parts.signals
        resolver = parts.resolver
        hostsOfFile = parts.hostsOfFile
        replica = parts.replica
        log = parts.log
        nodeLog = parts.nodeLog
        supervision = parts.supervision
        clientLimit = parts.clientLimit
        ownNames = parts.ownNames
        nodeName = parts.nodeName
        clusterName = parts.clusterName
        dials = parts.dials
        slowSync = parts.slowSync
        gossip = parts.gossip
        gossipPort = parts.gossipPort
        peers = parts.peers
        addressBook = parts.addressBook
    }

    /// Turns until the node ends.
    mutating func run() -> NodeExit {
        let exit = runLoop()
        nodeLog.finish()
        return exit
    }

    private mutating func runLoop() -> NodeExit {
        do {
            try watchEverything()
            while true {
                try waitForEvents()
                if let exit = try turn() { return exit }
            }
        } catch {
            return exit(for: error)
        }
    }

    private mutating func watchEverything() throws(ServerFault) {
        for listener in httpListeners { try watch(listener.socket.descriptor, .httpListener) }
        for listener in raftListeners {
            callerTokens.append(try watch(listener.socket.descriptor, .raftListener))
        }
        try watch(signals.descriptor, .signals)
        try watch(resolver.descriptor, .resolver)
        if let supervision {
            try watch(supervision.lifeline, .supervisor)
            supervision.say("ready")
        }
    }

    @discardableResult
    private mutating func watch(
        _ descriptor: Int32, _ seat: Seat
    ) throws(ServerFault) -> PollToken {
        let token = seats.reserve()
        seats.occupy(token, seat)
        do {
            try poller.register(descriptor, token: token, interest: .readable)
            return token
        } catch {
            throw .system("watching a descriptor", error)
        }
    }

    /// Sleeps until something is ready. Before a real sleep the log notes how far it is durable.
    private mutating func waitForEvents() throws(ServerFault) {
        if mustTurn {
            mustTurn = false
            return try poll(until: .origin)
        }
        if hasMarkToWrite {
            try poll(until: .origin)
            if !events.isEmpty { return }
            try writeMark()
        }
        let own = min(
            min(replica.deadline, min(sweepDue, nextReadiness)),
            min(nextGossip, min(nodeLog.deadline, callersDue)))
        try poll(until: min(own, min(nextDial, stop?.nextLook(at: now) ?? .never)))
    }

    private mutating func poll(until deadline: Instant) throws(ServerFault) {
        do throws(Errno) {
            try poller.wait(until: deadline, into: &events)
        } catch {
            throw .system("waiting for events", error)
        }
        now = MonotonicClock.now()
    }

    /// One turn. Connections that ended come first, then messages, then the deadline, then clients,
    /// so that a node never answers a client from what a waiting message would change.
    private mutating func turn() throws(ServerFault) -> NodeExit? {
        sortEvents()
        takeInLinks()
        if now >= callersDue { listenAgain() }
        if hasWaitingCallers { acceptCallers() }
        if now >= replica.deadline {
            replica.step(.deadlineReached, at: now, into: &effects)
        }
        if now >= nextDial { dialPeers() }
        if !readyClients.isEmpty || clientCount > 0 {
            encoder.setDate(secondsSince1970: WallClock.secondsSince1970())
        }
        takeInClients()
        if now >= sweepDue { sweepClients() }
        if now >= nextReadiness { expireReadinessChecks() }
        if hasWaitingClients { acceptClients() }
        replica.step(.turnEnded, at: now, into: &effects)
        carryOut()
        while let write = effects.write {
            effects.write = nil
            try persist(write)
            replica.step(.persisted(write.id), at: now, into: &effects)
            replica.step(.turnEnded, at: now, into: &effects)
            carryOut()
        }
        if let end = effects.end {
            flushBeforeEnd()
            return NodeExit(code: 78, message: end.text)
        }
        turnGossip()
        nodeLog.writeDue(at: now)
        return try stopIfDone()
    }

    private mutating func takeSignals() {
        while let signal = signals.next() {
            if signal == .childEnded { Orphans.reap() } else { beginStop(signal.name) }
        }
    }

    /// Groups the events by what they concern; each group has its place in the turn.
    private mutating func sortEvents() {
        for event in events {
            switch seats[event.token] {
            case .free: break
            case .httpListener: hasWaitingClients = true
            case .raftListener: hasWaitingCallers = true
            case .signals: takeSignals()
            case .supervisor:
                if supervision?.hasEnded() ?? true { beginStop("the end of its supervisor") }
            case .resolver: take(resolver.collect())
            case .rumourResolver: take(rumourResolver?.collect() ?? [])
            case .gossipSocket: gossipPort.hasDatagrams = true
            case .gossipListener(let listener): acceptGossip(from: listener)
            case .gossipStream(let stream): sortEvent(event, of: stream)
            case .client(let client):
                if event.writable { markDirty(client) }
                if event.readable || event.hangup { readyClients.append(client) }
            case .link(let link): sortEvent(event, of: link)
            }
        }
    }

    /// Sends messages and answers, writes lines for people, and ends what is to be ended.
    private mutating func carryOut() {
        sendOutbox()
        answerClients()
        flushClients()
        for id in effects.closes { closeLink(id) }
        effects.closes.removeAll(keepingCapacity: true)
        if !effects.notices.isEmpty {
            for notice in effects.notices { tell(notice) }
            effects.notices.removeAll()
        }
    }

    private mutating func tell(_ notice: Replica.Notice) {
        switch notice {
        case .leader(let leader, let term):
            if let leader, leader == replica.identity.node {
                supervision?.say("leader \(leader) \(term.number)")
            }
        case .raft(let notice): nodeLog.write(LogLine(notice), at: now)
        case .majorityLost(let answering):
            nodeLog.write(.majorityLost(answering, of: replica.status(at: now).voters), at: now)
        case .majorityBack(let leader, let span):
            nodeLog.write(.majorityBack(leader, after: span), at: now)
        case .transferStarted(let target): nodeLog.write(.transferStarted(target), at: now)
        case .linked(let node):
            nodeLog.write(.linked(node), at: now)
            resetDial(of: node)
            noteProven(node)
        case .unlinked(let node):
            nodeLog.write(.linkLost(node), at: now)
            resumeDial(of: node)
        case .turnedAway(let claimed, let refusal, let dialed):
            nodeLog.write(.turnedAway(claimed, refusal, dialed: dialed), at: now)
        case .contradicted(let claimed): nodeLog.write(.contradicted(by: claimed), at: now)
        case .refused(let peer, let refusal, let dialed):
            nodeLog.write(.refused(by: peer, refusal, dialed: dialed), at: now)
        case .badEntries(let peer): nodeLog.write(.badEntries(from: peer), at: now)
        case .pledged: nodeLog.write(.pledged, at: now)
        case .founded:
            nodeLog.write(.founded, at: now)
            if let record = replica.founding.record {
                gossipEvents.append(.founded(FoundingDigest(record.digest)))
                mustTurn = true
            }
        }
    }
}
