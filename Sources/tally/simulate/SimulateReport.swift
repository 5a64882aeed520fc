import Primitives
import Simulation

/// What `tally simulate` says in the end. Nothing here but `speed` and the JSON of many seeds
/// depends on the machine.
enum SimulateReport {
    /// One seed, for people.
    static func lines(_ report: Simulation.Report) -> [String] {
        var lines = [
            "seed \(report.seed): \(report.nodes) nodes, \(report.plan)",
            "\(seconds(report.simulated)) s simulated, \(report.steps) steps, "
                + "\(report.asked) asked, \(report.acknowledged) acknowledged, \(report.committed) entries committed, "
                + "last term \(report.terms)",
            "faults: " + list(report.faults),
            "writes with a key or a condition: " + list(report.guarded),
            "hash \(report.hash.padded(to: 16, radix: 16))",
        ]
        if let healed = report.healedAfter {
            lines.append("well again \(healed.wholeMilliseconds) ms after the last fault")
        }
        if let violation = report.violation {
            lines += violation.events.map { "  " + $0 }
            lines.append(
                "seed \(report.seed) at \(seconds(violation.time.since(.origin))) s: "
                    + violation.text)
        }
        return lines
    }

    /// Many seeds, for people.
    static func lines(_ totals: SimulateTotals) -> [String] {
        [
            "\(totals.seeds) seeds, \(seconds(totals.simulated)) s simulated, "
                + "\(totals.acknowledged) acknowledged, \(totals.broken.count) violations",
            "\(totals.median) acknowledged in the median seed; \(totals.askedInSecond) asked in a "
                + "simulated second on average, \(totals.fewestInSecond) in the seed with fewest",
            "faults: " + list(totals.faults),
            "writes with a key or a condition: " + list(totals.guarded),
        ]
    }

    /// One seed, as JSON.
    static func json(_ report: Simulation.Report) -> String {
        "{\"seeds\":1,\"seed\":\(report.seed),\"nodes\":\(report.nodes),"
            + "\"simulatedSeconds\":\(seconds(report.simulated)),"
            + "\"acknowledged\":\(report.acknowledged),\"faults\":\(object(report.faults)),"
            + "\"hash\":\"\(report.hash.padded(to: 16, radix: 16))\","
            + "\"violations\":\(report.violation == nil ? 0 : 1)}"
    }

    /// Many seeds, as JSON.
    static func json(_ totals: SimulateTotals, real: Timespan, cores: Int) -> String {
        "{\"seeds\":\(totals.seeds),\"simulatedSeconds\":\(seconds(totals.simulated)),"
            + "\"realSeconds\":\(seconds(real)),\"cores\":\(cores),"
            + "\"acknowledged\":\(totals.acknowledged),\"faults\":\(object(totals.faults)),"
            + "\"violations\":\(totals.broken.count)}"
    }

    /// How fast it was, for standard error.
    static func speed(_ totals: SimulateTotals, real: Timespan, cores: Int) -> String {
        let microseconds = max(1, Int(real.nanoseconds / 1_000) * cores)
        let factor = Int(totals.simulated.nanoseconds / 1_000) / microseconds
        return "\(seconds(real)) s on \(cores) cores: \(factor) times real time a core"
    }

    private static func list(_ counts: [(name: String, count: Int)]) -> String {
        counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    }

    private static func object(_ faults: [(name: String, count: Int)]) -> String {
        "{" + faults.map { "\"\($0.name)\":\($0.count)" }.joined(separator: ",") + "}"
    }

    /// Seconds with three places.
    private static func seconds(_ span: Timespan) -> String {
        let milliseconds = span.wholeMilliseconds
        return "\(milliseconds / 1_000).\((milliseconds % 1_000).padded(to: 3))"
    }
}
