import Gossip
import Primitives

/// What the network does to what is sent while nothing in particular is broken.
struct NetworkWeather {
    /// How long a message takes.
    var delay: ClosedRange<Timespan>
    /// Of 1,000 datagrams, and frames of Raft where they travel one by one, how many are lost, come
    /// twice, or come late and out of order.
    var lost = 0
    var doubled = 0
    var late = 0
    /// By how much a late one is late, at most.
    var lateness = Timespan.milliseconds(1)
    /// How many bytes may be under way, or wait, in each direction of a connection.
    var capacity = 256 << 10
    /// Of 1,000 pieces that are sent at once, how many arrive in two.
    var split = 0

    /// A local network on a quiet day.
    static let calm = NetworkWeather(delay: .microseconds(50)...(.microseconds(300)))
}

/// What a disk's sync costs.
struct DiskWeather {
    var sync: ClosedRange<Timespan>
    /// Of 1,000 syncs, how many are slow, and how slow they are at most.
    var slow = 0
    var slowness = Timespan.milliseconds(1)

    /// A disk as the real ones that the figures were taken on.
    static let calm = DiskWeather(sync: .microseconds(50)...(.microseconds(150)))
}

/// The kinds of faults that strike at times of their own.
public enum FaultKind: String, CaseIterable, Sendable {
    /// Some nodes can't reach the others, in both directions.
    case partition
    /// One node is not heard by some others, but hears them.
    case oneWay
    /// Two halves see each other only through one node.
    case bridge
    /// A connection breaks.
    case drop
    /// A way becomes slow.
    case clog
    /// A process is killed; what it wrote stays.
    case kill
    /// A machine loses its power; what it had not synced may be gone.
    case powerLoss
    /// A process is stopped and woken.
    case pause
    /// A machine loses its disk and comes back with an empty one.
    case wipe
    /// A bit that was synced turns over while its node is down.
    case flip
    /// A disk has no room for some time.
    case fullDisk
    /// A write to a disk fails, and its process must end.
    case failedWrite
    /// A sync fails, and its process must end.
    case failedSync
    /// A process is asked to end, and does so once its clients have their answers.
    case stop
    /// Somebody wants another node to lead.
    case transfer
    /// Somebody who is no node connects to one and talks.
    case stranger
    /// A sync fails, and what it was to write looks written to the next process.
    case forgottenSync
    /// A node's directory is put back from an old copy.
    case restore
    /// A sync takes half a second or far more.
    case hungDisk
    /// A node is started again at addresses that the others' config files don't know.
    case move
    /// A node is away for so long that its leader's log may not reach back to what it lacks.
    case away
    /// A machine loses its power, and its disk the newest entries that it had acknowledged.
    case lostEntries

    /// The kinds that came first, whose draws stay as they were.
    fileprivate static let first: [FaultKind] = [
        .partition, .oneWay, .bridge, .drop, .clog, .kill, .powerLoss, .pause, .wipe,
    ]
}

/// The faults of one seed. Every seed draws its own: some kinds are on, others off, so that each
/// kind also meets a world in which it is alone (swarm testing; Groce et al., ISSTA 2012).
struct FaultPlan {
    var network = NetworkWeather.calm
    var disk = DiskWeather.calm
    /// The mean time between two strikes of each kind that is on, in the order of `FaultKind`.
    var intervals: [(kind: FaultKind, mean: Timespan)] = []
    /// How long a fault that passes lasts.
    var duration: ClosedRange<Timespan> = .milliseconds(10)...(.milliseconds(2_000))
    /// Of 1,000 messages caught by a cut, how many are kept and come when it is mended.
    var stuck = 500
    /// Whether a wipe may come before the cluster is founded.
    var wipesNewborns = false
    /// How long an idle process takes to see what is ready.
    var wakeUp: ClosedRange<Timespan>?
    /// By how many microseconds in a second clocks are off at most.
    var clockSkew = 0
    /// Whether a clock may stand still or leap ahead while its process is stopped.
    var clocksJump = false
    /// Whether bits may turn over on so many disks that no quorum can recover.
    var flipsMajorities = false
    /// Whether Raft's frames travel one by one, each of which may be lost, doubled or late, so that the
    /// core is tried beyond what a connection does. Otherwise streams of bytes do, cut anywhere.
    var isFramed = false
    /// Whether config files name machines, which a resolver knows.
    var hasNames = false
    /// How the resolver behaves.
    var names = NameWeather.calm
    /// How quickly the gossip works.
    var gossip = Profile.lan
    /// Whether machines may be moved.
    var moves: Bool { intervals.contains { $0.kind == .move } }

    /// No faults at all.
    static let calm = FaultPlan()

    /// The plan that a seed draws.
    init(drawnFrom random: inout RandomSource) {
        drawNetwork(&random)
        if random.chance(1, in: 2) {
            disk.slow = [5, 20, 100][random.below(3)]
            disk.slowness = .milliseconds([5, 50, 400][random.below(3)])
        }
        for kind in FaultKind.first {
            let isOn = kind == .wipe ? random.chance(1, in: 5) : random.chance(1, in: 2)
            let mean = random.timespan(in: .milliseconds(500)...(.milliseconds(12_000)))
            if isOn { intervals.append((kind, mean)) }
        }
        let longest = [200, 1_000, 4_000][random.below(3)]
        duration = .milliseconds(5)...(.milliseconds(longest))
        stuck = [0, 500, 1_000][random.below(3)]
        wipesNewborns = random.chance(1, in: 10)
        if random.chance(1, in: 3) {
            wakeUp = .microseconds(1)...(.microseconds([20, 500, 5_000][random.below(3)]))
        }
    }

    init() {}

    /// Draws what ails the machines: disks and clocks.
    mutating func drawMachines(_ random: inout RandomSource) {
        for kind in [FaultKind.flip, .fullDisk, .failedWrite, .failedSync] {
            let mean = random.timespan(in: .milliseconds(1_000)...(.milliseconds(20_000)))
            if random.chance(1, in: 4) { intervals.append((kind, mean)) }
        }
        if random.chance(1, in: 3) { clockSkew = [1_000, 10_000, 50_000][random.below(3)] }
        clocksJump = random.chance(1, in: 4)
        flipsMajorities = random.chance(1, in: 12)
        for kind in [FaultKind.stop, .transfer] {
            let mean = random.timespan(in: .milliseconds(200)...(.milliseconds(10_000)))
            if random.chance(1, in: 3) { intervals.append((kind, mean)) }
        }
        for kind in [FaultKind.forgottenSync, .restore] {
            let mean = random.timespan(in: .milliseconds(500)...(.milliseconds(10_000)))
            if random.chance(1, in: 4) { intervals.append((kind, mean)) }
        }
    }

    /// Draws how often somebody calls who is no node.
    mutating func drawStrangers(_ random: inout RandomSource) {
        let mean = random.timespan(in: .milliseconds(20)...(.milliseconds(2_000)))
        if random.chance(1, in: 3) { intervals.append((.stranger, mean)) }
    }

    /// Draws whether disks lose what they acknowledged.
    mutating func drawLosses(_ random: inout RandomSource) {
        let mean = random.timespan(in: .milliseconds(500)...(.milliseconds(10_000)))
        if random.chance(1, in: 4) { intervals.append((.lostEntries, mean)) }
    }

    /// Draws how connections carry what is sent, how names are found, and what moves and hangs.
    mutating func drawTransport(_ random: inout RandomSource) {
        isFramed = random.chance(1, in: 2)
        if !isFramed {
            network.capacity = [400, 3_000, 20_000, 64 << 10, 256 << 10][random.below(5)]
            network.split = [5, 50, 300][random.below(3)]
        }
        hasNames = random.chance(1, in: 4)
        if hasNames {
            names.delay = .microseconds(100)...(.milliseconds([2, 50, 3_000][random.below(3)]))
            names.failing = [0, 20, 200][random.below(3)]
        }
        for kind in [FaultKind.hungDisk, .move] {
            let mean = random.timespan(in: .milliseconds(2_000)...(.milliseconds(20_000)))
            if random.chance(1, in: 4) { intervals.append((kind, mean)) }
        }
        // Where nothing depends on it the gossip is a slow one, since it takes time to simulate.
        gossip = random.chance(1, in: 4) ? .local : isFramed && !moves ? .wan : .lan
    }

    private mutating func drawNetwork(_ random: inout RandomSource) {
        let slowest = [300, 1_000, 5_000, 30_000][random.below(4)]
        network.delay = .microseconds(50)...(.microseconds(slowest))
        if random.chance(1, in: 2) { network.lost = [2, 20, 100][random.below(3)] }
        if random.chance(1, in: 2) { network.doubled = [5, 50, 200][random.below(3)] }
        if random.chance(1, in: 2) {
            network.late = [5, 50, 300][random.below(3)]
            network.lateness = .milliseconds([2, 50, 1_000][random.below(3)])
        }
    }
}

extension FaultPlan: CustomStringConvertible {
    /// The plan in one line.
    var description: String {
        var parts = ["delay up to \(network.delay.upperBound.nanoseconds / 1_000) us"]
        if network.lost > 0 { parts.append("\(network.lost) in 1000 lost") }
        if network.doubled > 0 { parts.append("\(network.doubled) in 1000 doubled") }
        if network.late > 0 {
            parts.append(
                "\(network.late) in 1000 late by up to \(network.lateness.wholeMilliseconds) ms")
        }
        if disk.slow > 0 {
            parts.append(
                "\(disk.slow) in 1000 syncs slow by up to \(disk.slowness.wholeMilliseconds) ms")
        }
        for (kind, mean) in intervals {
            parts.append("\(kind.rawValue) every \(mean.wholeMilliseconds) ms")
        }
        if clockSkew > 0 { parts.append("clocks off by up to \(clockSkew) us in a second") }
        if clocksJump { parts.append("clocks jump in pauses") }
        if isFramed {
            parts.append("frames one by one")
        } else {
            parts.append(
                "streams of \(network.capacity) bytes, \(network.split) in 1000 pieces cut")
        }
        if hasNames {
            parts.append(
                "names found within \(names.delay.upperBound.wholeMilliseconds) ms or, "
                    + "\(names.failing) in 1000, not")
        }
        return parts.joined(separator: ", ")
    }
}
