import Primitives
import Wire

/// The network between the nodes: which connections stand, which ways are cut or clogged, and how
/// long everything takes.
struct Network {
    /// What the weather is; the plan of the seed while faults last, and calm afterwards.
    var weather: NetworkWeather
    var random: RandomSource
    private let nodes: Int
    /// How many faults cut the way from one node to another, and what clogs add to it.
    private var cuts: [Int]
    private var clogs: [Timespan]

    /// All connections that ever were; the number of one is its place.
    private(set) var connections: [Connection] = []
    /// The numbers of those that are not over.
    private(set) var standing: [Int] = []

    init(nodes: Int, weather: NetworkWeather, seed: UInt64) {
        self.nodes = nodes
        self.weather = weather
        random = RandomSource(seed: seed)
        cuts = Array(repeating: 0, count: nodes * nodes)
        clogs = Array(repeating: .zero, count: nodes * nodes)
    }

    subscript(end: LinkEnd) -> Connection.Side {
        get { connections[end.connection][end] }
        set { connections[end.connection][end] = newValue }
    }

    mutating func open(caller: Connection.Side, called: Connection.Side) -> Int {
        connections.append(Connection(caller: caller, called: called))
        standing.append(connections.count - 1)
        return connections.count - 1
    }

    /// Forgets connections that neither end holds.
    mutating func forgetFinished() {
        let connections = connections
        standing.removeAll { connections[$0].isOver }
    }

    func isCut(from sender: Int, to receiver: Int) -> Bool {
        cuts[sender * nodes + receiver] > 0
    }

    mutating func cut(_ way: Way) { cuts[way.from * nodes + way.to] += 1 }

    mutating func mend(_ way: Way) { cuts[way.from * nodes + way.to] -= 1 }

    mutating func clog(_ way: Way, by delay: Timespan) { clogs[way.from * nodes + way.to] = delay }

    /// All ways are open, and everything is quick again.
    mutating func calmDown() {
        weather = .calm
        for position in cuts.indices {
            cuts[position] = 0
            clogs[position] = .zero
        }
    }

    /// How long something takes from one node to another now.
    mutating func delay(from sender: Int, to receiver: Int) -> Timespan {
        random.timespan(in: weather.delay) + clogs[sender * nodes + receiver]
    }

    /// When something sent now arrives at that end, behind all that was sent to it before.
    mutating func arrivalInOrder(at end: LinkEnd, now: Instant) -> Instant {
        let receiver = self[end].node
        let sender = self[end.other].node
        let arrival = max(now + delay(from: sender, to: receiver), self[end].lastArrival)
        self[end].lastArrival = arrival
        return arrival
    }
}

/// The way from one node to another, which is not the way back.
struct Way: Hashable {
    var from: Int
    var to: Int
}
