import Calculator
import Primitives
import Raft
import Replica

/// Tally's own cluster in the simulator: the shipping Node and WriteAheadLog, every
/// invariant checked after every step, with a script's clients and faults instead of drawn ones.
struct ReplicatedCluster: ContrastedCluster {
    private let world: World

    init(nodes: Int, seed: UInt64) {
        world = World(
            seed: seed, options: Simulation.Options(nodes: nodes, faults: false), trace: nil,
            isScripted: true)
        world.begin()
    }

    var now: Instant { world.now }
    var nextTime: Instant? { world.queue.nextTime }
    var messages: Int { world.sentMessages }
    var violation: String? { world.violation?.text }

    var network: Network {
        get { world.network }
        set { world.network = newValue }
    }

    func advance(to end: Instant) { world.advance(to: end) }

    func ask(_ request: Contrast.Request, of node: Int, from home: Int) -> Int? {
        guard world.nodes[node].process != nil else { return nil }
        let number = world.ask(request.clientRequest, of: world.nodes[node], by: World.script)
        world.wake(world.nodes[node])
        return number
    }

    func takeAnswers() -> [(ticket: Int, answer: Contrast.Answer)] {
        let taken = world.scriptAnswers
        world.scriptAnswers = []
        return taken.map { number, answer in (number, told(number, answer)) }
    }

    private func told(_ number: Int, _ answer: ClientAnswer?) -> Contrast.Answer {
        switch answer {
        case .value(let receipt)?:
            let index = Int(receipt.entry.index.number)
            guard case .write(.add(let amount)) = world.history[number].request else {
                return .done(receipt.value, nil)
            }
            return .done(receipt.value, Contrast.WriteID(number: index, amount: amount))
        case .other(.redirect(let leader, _))?:
            return world.founders.firstIndex(of: leader).map { .redirect($0) } ?? .notApplied
        case .other(.unknownOutcome)?, nil: return .unknown
        case .other?, .overflow?, .conditionFailed?, .keyReused?, .keyExpired?: return .notApplied
        }
    }

    func mend(_ ways: [Way]) { world.mend(ways) }

    func crash(_ node: Int, for downTime: Timespan) {
        world.die(
            world.nodes[node], isPowerLoss: true, downTime: downTime, how: "as the script says")
    }

    func state(of node: Int) -> Contrast.NodeState {
        let node = world.nodes[node]
        return Contrast.NodeState(value: node.process?.engine.machine.value, isLeading: node.leads)
    }

    /// A value is made of the entries up to the last one applied.
    func holds(_ write: Contrast.WriteID, at node: Int) -> Bool {
        guard let process = world.nodes[node].process else { return false }
        let index = LogIndex(UInt64(write.number))
        let last = min(process.engine.applied.index, world.invariants.committed.lastIndex)
        return index > .zero && index <= last
            && world.invariants.committed[index].payload == .write(.add(write.amount))
    }
}

extension Contrast.Request {
    fileprivate var clientRequest: ClientRequest {
        switch self {
        case .read: .read
        case .add(let amount): .write(.add(amount))
        }
    }
}
