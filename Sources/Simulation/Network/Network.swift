import Primitives

/// The network between the machines: which connections stand, which ways are cut or clogged, and how
/// long everything takes.
struct Network {
    /// What the weather is; the plan of the seed while faults last, and calm afterwards.
    var weather: NetworkWeather
    var random: RandomSource
    private let machines: Int
    /// How many faults cut the way from one machine to another, and what clogs add to it.
    private var cuts: [Int]
    private var clogs: [Timespan]

    /// The connections that are not over, in the order of their numbers.
    private(set) var standing: [Connection] = []
    private var opened = 0

    init(machines: Int, weather: NetworkWeather, seed: UInt64) {
        self.machines = machines
        self.weather = weather
        random = RandomSource(seed: seed)
        cuts = Array(repeating: 0, count: machines * machines)
        clogs = Array(repeating: .zero, count: machines * machines)
    }

    /// A call sets out; nobody has heard it yet.
    mutating func open(
        _ port: SimulatedPort, from caller: Int, life: Int, to called: Int
    ) -> Connection {
        let connection = Connection(
            number: opened, port: port,
            caller: Connection.End(machine: caller, life: life, capacity: weather.capacity),
            called: Connection.End(machine: called, life: 0, capacity: weather.capacity))
        opened += 1
        standing.append(connection)
        return connection
    }

    /// Forgets connections that neither end holds.
    mutating func forgetFinished() { standing.removeAll(where: \.isOver) }

    func isCut(from sender: Int, to receiver: Int) -> Bool {
        cuts[sender * machines + receiver] > 0
    }

    mutating func cut(_ way: Way) { cuts[way.from * machines + way.to] += 1 }

    mutating func mend(_ way: Way) { cuts[way.from * machines + way.to] -= 1 }

    mutating func clog(_ way: Way, by delay: Timespan) {
        clogs[way.from * machines + way.to] = delay
    }

    /// All ways are open, and everything is quick and roomy again.
    mutating func calmDown() {
        weather = .calm
        for position in cuts.indices {
            cuts[position] = 0
            clogs[position] = .zero
        }
        for connection in standing {
            connection.caller.capacity = max(connection.caller.capacity, weather.capacity)
            connection.called.capacity = max(connection.called.capacity, weather.capacity)
        }
    }

    /// How long something takes from one machine to another now.
    mutating func delay(from sender: Int, to receiver: Int) -> Timespan {
        random.timespan(in: weather.delay) + clogs[sender * machines + receiver]
    }

    /// When something sent now arrives at that end, behind all that was sent to it before.
    mutating func arrivalInOrder(at end: LinkEnd, now: Instant) -> Instant {
        let delay = delay(from: end.other.side.machine, to: end.side.machine)
        let arrival = max(now + delay, end.side.lastArrival)
        end.side.lastArrival = arrival
        return arrival
    }
}

/// The way from one machine to another, which is not the way back.
struct Way: Hashable {
    var from: Int
    var to: Int
}
