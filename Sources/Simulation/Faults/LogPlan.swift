import Primitives
import Raft
import Replica

/// How a run's logs are cut: when snapshots are taken, how they travel, and which nodes run an old
/// program at first. What is drawn here is drawn from numbers of its own.
struct LogPlan {
    /// How many entries lie between two snapshots, at least.
    var entries: UInt64 = .max
    /// How the log is cut behind them, and in which pieces they are sent.
    var limits = SnapshotLimits.standard
    /// After how many entries the nodes tell each other what their states come to.
    var checkpoint = EngineLimits.checkpoint
    /// How long each step of saving one takes.
    var step: ClosedRange<Timespan> = .microseconds(20)...(.microseconds(200))
    /// When the program of each node is replaced by one that knows of feature levels, if it is started
    /// after that; the origin for one that never ran another.
    var upgrades: [Instant] = []
    /// The mean time between two nodes that are away for long; nil where none is.
    var away: Timespan?

    /// No snapshots, and nodes of the same program.
    static let calm = LogPlan()

    private init() {}

    /// The plan of the run of that seed and that long.
    init(seed: UInt64, nodes: Int, seconds: Int) {
        var random = RandomSource(seed: seed ^ 0x5A97_5407_1065_0F0D)
        if random.chance(5, in: 6) { drawSnapshots(&random) }
        if random.chance(1, in: 2) {
            away = .milliseconds([3_000, 10_000, 30_000][random.below(3)])
        }
        upgrades = Array(repeating: .origin, count: nodes)
        guard random.chance(1, in: 4) else { return }
        let isRolling = random.chance(3, in: 4)
        let old = [1, 1 + random.below(nodes), nodes][random.below(3)]
        for node in 0..<old {
            let time = random.timespan(in: .zero...(.milliseconds(seconds * 500)))
            upgrades[(node + Int(seed % 7)) % nodes] = isRolling ? .origin + time : .never
        }
    }

    private mutating func drawSnapshots(_ random: inout RandomSource) {
        entries = UInt64([1, 1 + random.below(10), 1 + random.below(50), 50][random.below(4)])
        limits = SnapshotLimits(
            trailingEntries: [0, random.below(50), 1_000][random.below(3)],
            trailingBytes: random.chance(1, in: 4) ? 0 : RaftLimits.trailingBytes,
            bytesInPiece: [30 + random.below(100), 1_000, RaftLimits.bytesInPiece][random.below(3)],
            bytesOnFullDisk: [0, 200, 4_000][Int(entries) % 3])
        let slowest = [200, 5_000, 300_000][random.below(3)]
        step = .microseconds(5)...(.microseconds(slowest))
        checkpoint = UInt64([1, 1 + random.below(10), 1 + random.below(50)][random.below(3)])
    }

    /// The plan in a few words.
    var description: String {
        var parts: [String] = []
        if entries < .max {
            parts.append(
                """
                a snapshot every \(entries) entries, each of its steps up to \
                \(step.upperBound.nanoseconds / 1_000) us, in pieces of \(limits.bytesInPiece) bytes, \
                \(limits.trailingEntries) entries kept below it, states compared every \(checkpoint)
                """)
        }
        let old = upgrades.count { $0 > .origin }
        if old > 0 {
            parts.append(
                "\(old) old programs" + (upgrades.contains(.never) ? "" : ", replaced one by one"))
        }
        if let away { parts.append("long away every \(away.wholeMilliseconds) ms") }
        return parts.map { ", " + $0 }.joined()
    }
}
