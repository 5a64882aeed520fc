import Posix
import Primitives
import Simulation

/// `tally simulate`: whole clusters on a fake clock, network and disk, under faults that seeds draw.
enum SimulateCommand {
    static func run(_ options: SimulateOptions) -> ExitCode {
        switch options.seeds {
        case .one(let seed, let isTraced): runOne(seed, isTraced, options)
        case .many(let count, let first):
            if let worker = options.worker {
                SimulateWorker.run(
                    first: first ?? 0, count: count, stride: worker.stride, options.run)
            } else {
                runMany(count, first: first, options)
            }
        }
    }

    private static func runOne(
        _ seed: UInt64, _ isTraced: Bool, _ options: SimulateOptions
    ) -> ExitCode {
        let start = MonotonicClock.now()
        let report = Simulation.run(
            seed: seed, options: options.run,
            trace: isTraced ? { line in Console.results.line(line) } : nil)
        let real = MonotonicClock.now().since(start)
        if options.isJSON {
            Console.results.line(SimulateReport.json(report))
        } else {
            for line in SimulateReport.lines(report) { Console.results.line(line) }
        }
        var totals = SimulateTotals()
        totals.add(report)
        Console.faults.line(SimulateReport.speed(totals, real: real, cores: 1))
        return report.violation == nil ? .fine : .refused
    }

    private static func runMany(
        _ count: Int, first: UInt64?, _ options: SimulateOptions
    ) -> ExitCode {
        // Low enough to be typed, and with room for all the seeds that follow.
        let first = first ?? Entropy.uint64() >> 24
        Console.faults.line("first seed \(first)")
        let cores = min(count, countCores())
        let start = MonotonicClock.now()
        var workers = SimulateWorkers(first: first, count: count, cores: cores, options: options)
        guard let totals = workers.run() else { return .tryAgain }
        let real = MonotonicClock.now().since(start)
        for seed in totals.broken.prefix(3) where !totals.died.contains(seed) {
            for line in SimulateReport.lines(Simulation.run(seed: seed, options: options.run)) {
                Console.faults.line(line)
            }
        }
        for seed in totals.broken {
            let how = totals.died.contains(seed) ? "ends the process" : "breaks a rule"
            Console.faults.line("seed \(seed) \(how); replay it with \(options.replay(seed))")
        }
        if options.isJSON {
            Console.results.line(SimulateReport.json(totals, real: real, cores: cores))
        } else {
            for line in SimulateReport.lines(totals) { Console.results.line(line) }
        }
        Console.faults.line(SimulateReport.speed(totals, real: real, cores: cores))
        return totals.broken.isEmpty ? .fine : .refused
    }
}

extension SimulateOptions {
    /// The command that runs that seed again.
    func replay(_ seed: UInt64) -> String {
        "tally simulate --seed \(seed)" + (nodes.map { " --nodes \($0)" } ?? "")
            + (seconds == SimulateOptions.standardSeconds ? "" : " --seconds \(seconds)")
    }
}
