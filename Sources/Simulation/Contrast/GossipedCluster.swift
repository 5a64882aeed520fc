import Primitives

/// Nodes with a `GossipedRegister` each on the simulated network.
///
/// What is faithful: every 2 s each node pushes what it holds to two members drawn at random, over
/// connections of the moment, and does not try again; a node that dies forgets everything and comes
/// back empty; an add is a client's read and then its set. One thing is simpler: membership does not
/// change, so that a push may be wasted on a node that is dead or cut off.
struct GossipedCluster: ContrastedCluster {
    static let interval = Timespan.milliseconds(2_000)
    static let pushes = 2

    private enum Event {
        case tick(node: Int, life: Int)
        case notify(Int, GossipedRegister.Version)
        case start(Int)
        /// The second half of an add reaches a node.
        case set(ticket: Int, node: Int, amount: Int64, read: GossipedRegister.Version)
    }

    private struct Node {
        /// Nil where no process runs.
        var register: GossipedRegister? = GossipedRegister()
        /// How many processes have run here.
        var life = 0
    }

    /// A write, and the one whose value its client had read.
    private struct Write {
        var parent: Int
    }

    private(set) var now = Instant.origin
    var network: Network
    private(set) var messages = 0
    private var nodes: [Node]
    private var queue = EventQueue<Event>()
    private var random: RandomSource
    private var answers: [(ticket: Int, answer: Contrast.Answer)] = []
    private var lastTicket = 0
    private var writes: [Write] = []

    init(nodes count: Int, seed: UInt64) {
        random = RandomSource(seed: seed ^ 0x6055_1BED_0A1E_5EED)
        network = Network(machines: count, weather: .calm, seed: random.next())
        nodes = Array(repeating: Node(), count: count)
        for node in nodes.indices { scheduleFirstTick(node) }
    }

    var nextTime: Instant? { queue.nextTime }

    /// Nothing is promised, so nothing is broken.
    var violation: String? { nil }

    mutating func advance(to end: Instant) {
        while let time = queue.nextTime, time < end, let (_, event) = queue.popFirst() {
            now = time
            happen(event)
        }
        now = max(now, end)
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .tick(let node, let life): tick(node, life)
        case .notify(let node, let version): notify(version, at: node)
        case .start(let node): start(node)
        case .set(let ticket, let node, let amount, let read):
            finishAdd(ticket, at: node, amount, read)
        }
    }

}

/// What travels between the nodes.
extension GossipedCluster {
    private mutating func scheduleFirstTick(_ node: Int) {
        let pause = random.timespan(in: .zero...GossipedCluster.interval)
        queue.add(.tick(node: node, life: nodes[node].life), at: now + pause)
    }

    private mutating func tick(_ node: Int, _ life: Int) {
        guard nodes[node].life == life, let register = nodes[node].register else { return }
        queue.add(.tick(node: node, life: life), at: now + GossipedCluster.interval)
        var others = nodes.indices.filter { $0 != node }
        for _ in 0..<min(GossipedCluster.pushes, others.count) {
            let other = others.remove(at: random.below(others.count))
            messages += 1
            guard !network.isCut(from: node, to: other) else { continue }
            let delay = network.delay(from: node, to: other)
            queue.add(.notify(other, register.version), at: now + delay)
        }
    }

    /// Anybody may push anything: nobody checks who speaks, or how a generation came about.
    mutating func notify(_ version: GossipedRegister.Version, at node: Int) {
        nodes[node].register?.notify(version)
    }

    private mutating func start(_ node: Int) {
        nodes[node].register = GossipedRegister()
        scheduleFirstTick(node)
    }

    mutating func mend(_ ways: [Way]) {
        for way in ways { network.mend(way) }
    }

    mutating func crash(_ node: Int, for downTime: Timespan) {
        nodes[node].register = nil
        nodes[node].life += 1
        queue.add(.start(node), at: now + downTime)
    }

}

/// What clients ask.
extension GossipedCluster {
    mutating func ask(_ request: Contrast.Request, of node: Int, from home: Int) -> Int? {
        guard let read = nodes[node].register?.version else { return nil }
        lastTicket += 1
        switch request {
        case .read: answers.append((lastTicket, .done(read.value, nil)))
        case .add(let amount):
            // The value travels to the client, and the sum back.
            let delay = network.delay(from: node, to: home) + network.delay(from: home, to: node)
            queue.add(
                .set(ticket: lastTicket, node: node, amount: amount, read: read), at: now + delay)
        }
        return lastTicket
    }

    private mutating func finishAdd(
        _ ticket: Int, at node: Int, _ amount: Int64, _ read: GossipedRegister.Version
    ) {
        guard let write = set(read.value + amount, at: node, after: read.write) else {
            return answers.append((ticket, .notApplied))
        }
        answers.append(
            (ticket, .done(read.value + amount, Contrast.WriteID(number: write, amount: amount))))
    }

    /// A set reaches a node; `parent` is the write whose value its client had read. Returns the write's
    /// number, or nil where no process is there.
    @discardableResult
    mutating func set(_ value: Int64, at node: Int, after parent: Int = 0) -> Int? {
        guard nodes[node].register != nil else { return nil }
        writes.append(Write(parent: parent))
        nodes[node].register?.set(value, write: writes.count)
        return writes.count
    }

    mutating func takeAnswers() -> [(ticket: Int, answer: Contrast.Answer)] {
        let taken = answers
        answers = []
        return taken
    }

}

/// What can be seen from outside.
extension GossipedCluster {
    /// What a node holds; nil where no process runs.
    func version(of node: Int) -> GossipedRegister.Version? { nodes[node].register?.version }

    func state(of node: Int) -> Contrast.NodeState {
        Contrast.NodeState(value: version(of: node)?.value, isLeading: false)
    }

    /// A value is made of the write that set it, of the one that its client had read, and so on back.
    func holds(_ write: Contrast.WriteID, at node: Int) -> Bool {
        var number = version(of: node)?.write ?? 0
        // A write comes after the one that it rests on.
        while number > write.number { number = writes[number - 1].parent }
        return number == write.number && number > 0
    }
}
