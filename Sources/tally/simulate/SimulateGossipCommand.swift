import Posix
import Primitives
import Simulation

/// `tally simulate --gossip`: many members of the gossip on a fake clock and network.
enum SimulateGossipCommand {
    static func run(_ options: SimulateGossipOptions) -> ExitCode {
        let first: UInt64
        let count: Int
        switch options.seeds {
        case .one(let seed, _): (first, count) = (seed, 1)
        case .many(let seeds, let given):
            // Low enough to be typed, and with room for all the seeds that follow.
            first = given ?? Entropy.uint64() >> 24
            count = seeds
            Console.faults.line("first seed \(first)")
        }
        let start = MonotonicClock.now()
        var reports: [GossipSimulation.Report] = []
        for number in 0..<count {
            let report = GossipSimulation.run(
                seed: first &+ UInt64(number), options: options.run)
            if let violation = report.violation {
                Console.faults.line("seed \(report.seed): \(violation)")
            }
            reports.append(report)
        }
        let figures = GossipSimulation.Figures(reports, options: options.run)
        if options.isJSON {
            Console.results.line(SimulateGossipReport.json(figures, first: first))
        } else {
            for line in SimulateGossipReport.lines(figures) { Console.results.line(line) }
        }
        let real = MonotonicClock.now().since(start)
        Console.faults.line("\(real.wholeMilliseconds / 1_000) s")
        return figures.violations.isEmpty ? .fine : .refused
    }
}
