import Primitives
import Simulation

/// What many seeds came to.
struct SimulateTotals {
    var seeds = 0
    var simulated = Timespan.zero
    var acknowledged = 0
    var asked = 0
    /// How many requests each seed acknowledged, and how many it asked in a simulated second.
    private var ofSeeds: [(acknowledged: Int, askedInSecond: Int)] = []
    var steps = 0
    var faults: [(name: String, count: Int)] = []
    /// What writes with a key or a condition came to.
    var guarded: [(name: String, count: Int)] = []
    /// The seeds that broke a rule, or ended their process.
    var broken: [UInt64] = []
    /// Those of them that ended their process.
    var died: [UInt64] = []

    mutating func add(_ report: Simulation.Report) {
        seeds += 1
        simulated = simulated + report.simulated
        acknowledged += report.acknowledged
        asked += report.asked
        noteSeed(report.acknowledged, asked: report.asked, report.simulated)
        steps += report.steps
        SimulateTotals.add(report.faults, to: &faults)
        SimulateTotals.add(report.guarded, to: &guarded)
        if report.violation != nil { broken.append(report.seed) }
    }

    /// Takes in what another process has counted.
    mutating func add(_ other: SimulateTotals) {
        seeds += other.seeds
        simulated = simulated + other.simulated
        acknowledged += other.acknowledged
        asked += other.asked
        ofSeeds += other.ofSeeds
        steps += other.steps
        SimulateTotals.add(other.faults, to: &faults)
        SimulateTotals.add(other.guarded, to: &guarded)
        broken = (broken + other.broken).sorted()
        died = (died + other.died).sorted()
    }
}

extension SimulateTotals {
    /// Adds counts of the same things in the same order.
    private static func add(
        _ more: [(name: String, count: Int)], to counts: inout [(name: String, count: Int)]
    ) {
        for (position, item) in more.enumerated() {
            if position == counts.count { counts.append((item.name, 0)) }
            counts[position].count += item.count
        }
    }

    private mutating func noteSeed(_ acknowledged: Int, asked: Int, _ simulated: Timespan) {
        ofSeeds.append((acknowledged, SimulateTotals.rate(asked, simulated)))
    }

    private static func rate(_ count: Int, _ span: Timespan) -> Int {
        count * 1_000 / max(1, span.wholeMilliseconds)
    }

    /// How many requests the median seed acknowledged.
    var median: Int {
        let sorted = ofSeeds.map(\.acknowledged).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// How many requests clients asked in a simulated second, on average.
    var askedInSecond: Int { SimulateTotals.rate(asked, simulated) }

    /// The same for the seed in which it was fewest.
    var fewestInSecond: Int { ofSeeds.map(\.askedInSecond).min() ?? 0 }

    /// The totals of one seed as a line for the process that asked for it.
    static func line(_ report: Simulation.Report) -> String {
        var words = [
            report.violation == nil ? "held" : "broke", "\(report.seed)",
            "\(report.simulated.nanoseconds)", "\(report.acknowledged)", "\(report.steps)",
            "\(report.asked)",
        ]
        words += report.faults.map { "\($0.name)=\($0.count)" }
        words += report.guarded.map { "guarded:\($0.name)=\($0.count)" }
        return words.joined(separator: " ")
    }

    /// The totals that such a line tells; nil for another line.
    init?(line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 6, words[0] == "held" || words[0] == "broke",
            let seed = UInt64(words[1]), let nanoseconds = UInt64(words[2]),
            let acknowledged = Int(words[3]), let steps = Int(words[4]),
            let asked = Int(words[5])
        else { return nil }
        seeds = 1
        simulated = Timespan(nanoseconds: nanoseconds)
        self.acknowledged = acknowledged
        self.steps = steps
        self.asked = asked
        noteSeed(acknowledged, asked: asked, simulated)
        if words[0] == "broke" { broken = [seed] }
        for word in words.dropFirst(6) {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let count = Int(parts[1]) else { return nil }
            let name = parts[0].split(separator: ":")
            if name.count == 2 {
                guarded.append((String(name[1]), count))
            } else {
                faults.append((String(parts[0]), count))
            }
        }
    }
}
