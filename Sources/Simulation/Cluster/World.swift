import Founding
import Node
import Primitives
import Raft
import Replica
import WriteAheadLog

/// One run: the nodes, the network between them, the clients, and the order in which it all happens.
final class World {
    /// One stream of random numbers for each concern, so that a change to one leaves the others alone.
    struct Draws {
        var faults: RandomSource
        var lives: RandomSource
        var strangers: RandomSource
        var snapshots: RandomSource
    }

    /// What can happen.
    enum Event {
        /// A call sets out, for the first time or again.
        case reach(Connection)
        /// A call comes to the machine that is called.
        case called(Connection)
        /// Something reaches an end of a connection.
        case arrival(LinkEnd, Segment)
        indirect case datagram(Datagram)
        case strangerLeaves(Connection)
        /// The resolver of names answers; nil where it has failed.
        indirect case lookedUp(node: Int, life: Int, ticket: UInt64, Address?)
        /// The resolver learns of a machine's new addresses.
        case renumbered(node: Int)
        /// A process's deadline may have come.
        case timer(node: Int, life: Int)
        /// A process sees that something is ready.
        case wakeUp(node: Int, life: Int)
        /// A disk has done what it was asked for.
        case diskDone(node: Int, life: Int)
        /// The next step of saving a snapshot is done.
        case snapshotStep(node: Int, life: Int)
        /// A fault of the plan strikes.
        case strike(Int)
        case mend([Way])
        case unclog(Way)
        /// A stopped process is woken.
        case resume(node: Int, life: Int)
        /// A machine starts a process.
        case start(node: Int)
        /// A full disk has room again.
        case makeRoom(node: Int)
        /// A damaged disk gets its bytes back.
        case repair(node: Int)
        /// A process that was asked to stop must have done so.
        case stopOverdue(node: Int, life: Int)
        /// An answer that was slow to leave has left.
        indirect case answerLeft(node: Int, life: Int, operation: Int, ClientAnswer)
        case client(Int)
        /// A client waits no longer.
        case giveUp(client: Int, operation: Int)
        /// Time to look whether all is well again.
        case probe
    }

    static let cluster = Array("sim".utf8)
    static let requestTimeout = Timespan.milliseconds(2_000)
    /// Within what time after the last fault all must be well.
    static let healingBound = Timespan.milliseconds(20_000)
    /// More events than any run has; beyond, something spins.
    static let stepLimit = 100_000_000

    /// The number of requests that no client waits for.
    static let unnumbered: UInt64 = 0

    /// The number under which a script's requests are asked.
    static let script = -2

    let seed: UInt64
    let options: Simulation.Options
    /// Whether a script says who asks what and what goes wrong, and nothing of it is drawn.
    let isScripted: Bool
    let limits: LogLimits
    var plan: FaultPlan
    var logs: LogPlan

    var now = Instant.origin
    var queue = EventQueue<Event>()
    var nodes: [SimulatedNode] = []
    let founders: [NodeID]
    var network: Network
    var invariants: Invariants
    var history: History
    var clients: ClientPool
    var keys: KeyPool
    var healing: Healing?
    /// What a script's requests were answered, until it takes it; nil where the process is gone.
    var scriptAnswers: [(number: Int, answer: ClientAnswer?)] = []

    var draws: Draws

    var effects = Node.Effects()
    /// Answers that a turn gave at once, and that leave with the others.
    var immediateAnswers: [(id: RequestID, answer: ClientAnswer)] = []
    var hash = EffectHash()
    var story: Story
    var tally = FaultTally()
    var guarded = GuardedTally()
    var steps = 0
    /// How many messages nodes have sent each other.
    var sentMessages = 0
    var violation: Simulation.Report.Violation?
    /// Whether the cluster must still be able to found itself and to elect.
    var mustHeal = true

    init(
        seed: UInt64, options: Simulation.Options, trace: ((String) -> Void)?,
        isScripted: Bool = false
    ) {
        var random = RandomSource(seed: seed)
        self.seed = seed
        self.options = options
        self.isScripted = isScripted
        history = History(areWritesNamed: !isScripted)
        let count = options.nodes ?? [1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6, 7][random.below(12)]
        plan = options.faults ? FaultPlan(drawnFrom: &random) : .calm
        var machines = RandomSource(seed: seed ^ 0x0D15_C5A4_DC10_C4B5)
        if options.faults { plan.drawMachines(&machines) }
        var strangers = RandomSource(seed: seed ^ 0x57A6_E4E5_0C0F_FEE5)
        if options.faults { plan.drawStrangers(&strangers) }
        logs =
            options.faults
            ? LogPlan(seed: seed, nodes: count, seconds: options.seconds) : .calm
        if let away = logs.away { plan.intervals.append((.away, away)) }
        var transport = RandomSource(seed: seed ^ 0x7C9B_5717_EA35_0F0D)
        if options.faults { plan.drawTransport(&transport) }
        // Two more, for a copy of a node and for strangers.
        network = Network(machines: count + 2, weather: plan.network, seed: random.next())
        keys = KeyPool(seed: seed)
        invariants = Invariants(nodes: count, keys: keys.capacity)
        let faults = RandomSource(seed: random.next())
        clients = ClientPool(seed: random.next())
        draws = Draws(
            faults: faults, lives: RandomSource(seed: random.next()), strangers: strangers,
            snapshots: RandomSource(seed: seed ^ 0x0D15_5A97_0F0D_C0DE))
        story = Story(listener: trace)
        // Small segments, so that a run rolls from one to the next many times.
        limits = LogLimits(
            segmentBytes: [2 << 10, 16 << 10, 256 << 10][random.below(3)],
            preallocationBytes: [64, 1 << 10, 4 << 10][random.below(3)], reserveBytes: 16 << 10)
        for number in 0..<count {
            guard let id = NodeID("n\(number + 1)") else { preconditionFailure("no name") }
            let disk = DiskState(number: DiskID(random.next()), seed: random.next())
            let rate = 1_000_000 - plan.clockSkew + machines.below(2 * plan.clockSkew + 1)
            nodes.append(
                SimulatedNode(number: number, id: id, disk: disk, clock: NodeClock(rate: rate)))
        }
        founders = nodes.map(\.id)
        for node in nodes { node.hasOldProgram = startsOldProgram(node) }
        invariants.newestLevel = newestLevel
    }

    /// Runs it all.
    func run() -> Simulation.Report {
        begin()
        let faultsEnd = Instant.origin + .milliseconds(options.seconds * 1_000)
        advance(to: faultsEnd)
        if violation == nil { calmDown() }
        advance(to: .never)
        return report(faultsEnd)
    }

    /// Starts the nodes, the clients and the faults.
    func begin() {
        for node in nodes {
            let start = draws.lives.timespan(in: .zero...(.milliseconds(500)))
            queue.add(.start(node: node.number), at: now + start)
        }
        for index in plan.intervals.indices { scheduleStrike(index) }
        if !isScripted { beginClients() }
    }

    /// Lets everything happen that is due before `end`, or until all is well.
    func advance(to end: Instant) {
        while violation == nil, healing?.isOver != true, let time = queue.nextTime, time < end,
            let (_, event) = queue.popFirst()
        {
            precondition(time >= now, "time went back")
            now = time
            happen(event)
        }
        if end != .never, violation == nil { now = max(now, end) }
    }

    private func happen(_ event: Event) {
        switch event {
        case .reach(let connection): reach(connection)
        case .called(let connection): called(connection)
        case .arrival(let end, let segment): arrive(segment, at: end)
        case .datagram(let datagram): arrive(datagram)
        case .strangerLeaves(let connection): strangerLeaves(connection)
        case .lookedUp(let node, let life, let ticket, let name):
            lookedUp(node, life, ticket, name)
        case .renumbered(let node): nodes[node].resolvedMoves = nodes[node].moves
        case .timer(let node, let life): timer(node, life)
        case .wakeUp(let node, let life): wakeUp(node, life)
        case .diskDone(let node, let life): diskDone(node, life)
        case .snapshotStep(let node, let life): snapshotStep(node, life)
        case .strike(let index): strike(index)
        case .mend(let ways): mend(ways)
        case .unclog(let way): network.clog(way, by: .zero)
        case .resume(let node, let life): resume(node, life)
        case .start(let node): start(nodes[node])
        case .makeRoom(let node): nodes[node].disk.trouble.isFull = false
        case .repair(let node): repair(nodes[node])
        case .stopOverdue(let node, let life): stopOverdue(node, life)
        case .answerLeft(let node, let life, let operation, let answer):
            answerLeft(node, life, operation, answer)
        case .client(let client): act(client)
        case .giveUp(let client, let operation): giveUp(client, operation)
        case .probe: probe()
        }
    }

    /// Something is broken; the run ends.
    func fail(_ text: String) {
        guard violation == nil else { return }
        violation = Simulation.Report.Violation(text: text, time: now, events: story.lines)
    }

    /// The process of that life, where it still runs.
    func process(_ node: Int, _ life: Int) -> SimulatedProcess? {
        guard let process = nodes[node].process, process.life == life else { return nil }
        return process
    }

    private func report(_ faultsEnd: Instant) -> Simulation.Report {
        Simulation.Report(
            seed: seed, nodes: nodes.count,
            plan: plan.description + (keys.description.map { ", " + $0 } ?? "")
                + logs.description,
            simulated: now.since(.origin), steps: steps,
            asked: history.operations.count + clients.unheard,
            acknowledged: history.acknowledged,
            committed: Int(invariants.committed.lastIndex.number),
            terms: invariants.electionSafety.lastTerm,
            healedAfter: healing?.isOver == true ? now.since(faultsEnd) : nil,
            faults: tally.rows, guarded: guarded.rows, hash: hash.value, violation: violation)
    }
}
