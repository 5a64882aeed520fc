import Configuration
import Posix
import Simulation

/// `tally contrast`: a gossiped value and Tally's under the same clients and the same faults.
enum ContrastCommand {
    static func run(_ options: ContrastOptions) -> ExitCode {
        // Low enough to be typed.
        let seed = options.seed ?? Entropy.uint64() >> 24
        if options.seed == nil { Console.faults.line("seed \(seed)") }
        let comparisons = options.scripts.map { Contrast.run($0, seed: seed) }
        if options.isJSON {
            Console.results.line(ContrastReport.json(comparisons))
        } else {
            Console.results.write(
                comparisons.map { ContrastReport.text($0) }.joined(separator: "\n"))
        }
        var code = ExitCode.fine
        for comparison in comparisons {
            guard let violation = comparison.raft.violation else { continue }
            Console.faults.line("\(comparison.script.rawValue), seed \(seed): \(violation)")
            code = .refused
        }
        guard let path = options.svg else { return code }
        do throws(FileFault) {
            try writeFile(path, Array(ContrastDrawing.svg(comparisons).utf8))
        } catch {
            Console.faults.line("tally contrast: can't write \(quoted(path)): \(error.reason)")
            return .diskError
        }
        return code
    }
}
