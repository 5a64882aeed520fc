import Configuration
import Node
import Posix
import Primitives
import Raft
import Replica
import WriteAheadLog

/// One running node: a host of `Node`. The loop turns what sockets, disk and clock say into the node's
/// events, and carries out what it wants done.
///
/// One thread does everything in one order; the log and look-ups have threads of their own. Nothing
/// waits in the loop but the poller.
struct Server: ~Copyable {
    private let watchlist: Watchlist
    private var core: CounterNode
    private var clients: Clients
    private var peers: PeerSockets
    private var gossipPort: GossipPort
    private var names: Names
    private let disk: LogThread
    private var snapshots: SnapshotKeeper
    private var addressBook: AddressBookKeeper
    private var log: NodeLog
    private let signals: SignalQueue
    private let supervision: Supervision?
    private var events: [PollEvent] = []

    init(
        _ core: consuming CounterNode, clients: consuming Clients, peers: consuming PeerSockets,
        gossipPort: consuming GossipPort, names: consuming Names, disk: consuming LogThread,
        snapshots: consuming SnapshotKeeper,
        addressBook: AddressBookKeeper, log: NodeLog, signals: SignalQueue,
        supervision: Supervision?, _ watchlist: Watchlist
    ) {
        self.core = core
        self.clients = clients
        self.peers = peers
        self.gossipPort = gossipPort
        self.names = names
        self.disk = disk
        self.snapshots = snapshots
        self.addressBook = addressBook
        self.log = log
        self.signals = signals
        self.supervision = supervision
        self.watchlist = watchlist
    }

    /// Turns until the node ends.
    mutating func run() -> NodeExit {
        let exit: NodeExit
        do throws(ServerFault) {
            try watchEverything()
            exit = try turnUntilDone()
        } catch {
            exit = NodeExit(code: error.exitCode, message: error.description)
        }
        log.finish()
        return exit
    }

    private mutating func watchEverything() throws(ServerFault) {
        do throws(Errno) {
            try clients.watchListeners()
            try peers.watchListeners()
            try watchlist.watch(signals.descriptor, as: .signals)
            try watchlist.watch(disk.descriptor, as: .disk)
            try watchlist.watch(snapshots.descriptor, as: .snapshots)
            if let supervision { try watchlist.watch(supervision.lifeline, as: .supervisor) }
        } catch {
            throw .system("watching a descriptor", error)
        }
        supervision?.say("ready")
    }

    private mutating func turnUntilDone() throws(ServerFault) -> NodeExit {
        while true {
            try wait()
            try sortEvents()
            peers.receive(&core)
            gossipPort.receive(&core)
            core.beginTurn()
            clients.turn(&core, &log)
            core.node.areClientsServed = clients.count == 0
            core.endTurn()
            if let exit = carryOut() { return exit }
            lookAfterTheRest()
        }
    }

    private mutating func wait() throws(ServerFault) {
        var next = min(core.node.deadline, clients.deadline)
        next = min(next, min(gossipPort.nextTry, addressBook.due))
        next = min(next, min(log.deadline, peers.callersDue))
        do throws(Errno) {
            try watchlist.wait(until: next, into: &events)
        } catch {
            throw .system("waiting for events", error)
        }
        core.now = MonotonicClock.now()
    }

    /// Hands each event to the part that it concerns.
    private mutating func sortEvents() throws(ServerFault) {
        for event in events {
            switch watchlist[event.token] {
            case .nothing: break
            case .httpListener: clients.hasWaiting = true
            case .raftListener: peers.hasWaitingCallers = true
            case .signals: takeSignals()
            case .supervisor:
                if let supervision, supervision.hasEnded() {
                    watchlist.remove(supervision.lifeline, event.token)
                    beginStop("the end of its supervisor")
                }
            case .disk: try takeDiskResult()
            case .snapshots: try takeSnapshotResult()
            case .names, .rumouredNames:
                if let found = names.collect(&core) { gossipPort.found(found, &core, &log) }
            case .datagrams: gossipPort.hasDatagrams = true
            case .gossipListener(let listener):
                gossipPort.accept(from: listener, &peers, &core, &log)
            case .client(let client): clients.take(event, of: client)
            case .stream(let stream): peers.take(event, of: stream, &core)
            }
        }
        peers.acceptCallers(&core, &log)
    }

    private mutating func takeSignals() {
        while let signal = signals.next() {
            if signal == .childEnded { Orphans.reap() } else { beginStop(signal.name) }
        }
    }

    /// Begins to stop; a second call changes nothing.
    private mutating func beginStop(_ cause: String) {
        guard !core.node.isStopping else { return }
        log.write(.stopping(cause: cause), at: core.now)
        core.node.note(.stopRequested)
        clients.beginStop(&core, &log)
    }

    private mutating func takeDiskResult() throws(ServerFault) {
        switch disk.takeResult() {
        case .done(let completion, let isFull):
            core.node.note(.diskDone(completion, isFull: isFull))
        case .failed(let fault): throw .log(fault)
        case nil: break
        }
    }

    private mutating func takeSnapshotResult() throws(ServerFault) {
        switch snapshots.takeResult() {
        case .saved(let snapshot):
            log.write(.snapshot(snapshot, isFromLeader: false), at: core.now)
            core.node.note(.snapshotSaved(snapshot))
        case .encoded(let snapshot):
            clients.answerSnapshot(snapshot, cluster: core.node.identity.cluster)
        case .installed(let snapshot, let engine):
            log.write(.snapshot(snapshot, isFromLeader: true), at: core.now)
            core.arrived = engine
            core.node.note(.snapshotInstalled(snapshot))
        case .rejected(let last, let reason):
            log.write(.snapshotRejected(last, reason), at: core.now)
            core.node.note(.snapshotRejected(last))
        case .outOfSpace(let error, let last):
            log.write(.snapshotOutOfSpace("\(error)"), at: core.now)
            core.node.note(.snapshotOutOfSpace(installing: last))
        case .failed(let fault): throw .log(fault)
        case nil: break
        }
    }

    /// Hands on what the node and its clients want done about snapshots.
    private mutating func submitSnapshots() {
        let isForClient = clients.beginSnapshot()
        guard isForClient || core.effects.wantsSnapshot || core.effects.install != nil else {
            return
        }
        guard let record = core.node.founding.record else {
            preconditionFailure("a snapshot before the founding")
        }
        if isForClient { snapshots.submit(.encode(core.committedEngine()), of: record) }
        if let snapshot = core.effects.install.take() {
            snapshots.submit(.install(snapshot), of: record)
        } else if core.effects.wantsSnapshot {
            snapshots.submit(.save(core.takeCopy()), of: record)
        }
    }

    /// Does what the node wants done. Returns how the node ends, where it does.
    private mutating func carryOut() -> NodeExit? {
        for link in core.effects.flushes { peers.flush(link, &core) }
        let request = core.effects.disk.take()
        let isBusy =
            if case .write(_, let batch) = request {
                batch.count >= ServerLimits.busyBatch
            } else {
                false
            }
        if let request { disk.submit(request) }
        clients.answer(&core)
        core.followState()
        for notice in core.effects.notices { tell(notice) }
        for link in core.effects.closes { peers.close(link, &core) }
        for call in core.effects.calls { peers.open(call, &core) }
        for ticket in core.effects.abandonedLookUps { names.abandon(ticket) }
        for wanted in core.effects.lookUps { names.lookUp(wanted, &core) }
        gossipPort.send(core.effects.datagrams)
        if let book = core.effects.addressBook { addressBook.keep(book, at: core.now) }
        submitSnapshots()
        if isBusy { disk.waitBriefly() }
        defer { core.effects.removeAll() }
        if let end = core.effects.end {
            peers.flushAll(&core)
            return NodeExit(code: end.exitCode, message: end.text)
        }
        guard core.effects.isStopped else { return nil }
        // A disk that hangs would hold the end up; the gossip tells all of it again.
        if core.node.isLogClosed { addressBook.finish() }
        log.finish()
        log.write(.stopped, at: core.now)
        return NodeExit(code: 0, message: nil)
    }

    /// What is looked after beside the turn.
    private mutating func lookAfterTheRest() {
        gossipPort.bindIfDue(&names, &core, &log)
        core.isGossipPortBound = gossipPort.isBound
        if let complaint = addressBook.write(at: core.now) {
            log.write(.addressBook(complaint), at: core.now)
        }
        log.writeDue(at: core.now)
    }

    private mutating func tell(_ notice: Node.Notice) {
        switch notice {
        case .replica(.leader(let leader, let term)):
            if let leader, leader == core.node.identity.node {
                supervision?.say("leader \(leader) \(term.number)")
            }
        case .badBytes(let link, let reason):
            log.write(.badBytes(from: peers.peer(of: link), reason), at: core.now)
        case .lookUpFailed(let node, let address, let reason, let isRumour):
            let origin: LogLine.Origin = isRumour && names.isRumour(address) ? .gossip : .node
            log.write(.lookUpFailed(node, at: "\(address)", reason, from: origin), at: core.now)
        default:
            if let line = LogLine(notice, voters: core.node.voters) {
                log.write(line, at: core.now)
            }
        }
    }
}
