import Posix
import Primitives
import Simulation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How many cores the machine has.
func countCores() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// Runs every so many-th seed in this process, a line for each on standard output.
enum SimulateWorker {
    static func run(
        first: UInt64, count: Int, stride: Int, _ options: Simulation.Options
    ) -> ExitCode {
        for number in Swift.stride(from: 0, to: count, by: stride) {
            let seed = first &+ UInt64(number)
            Console.results.line("begin \(seed)")
            let report = Simulation.run(seed: seed, options: options)
            Console.results.line(SimulateTotals.line(report))
        }
        return .fine
    }
}

/// Runs many seeds in a process for each core, so that a seed that ends its process is known by its
/// number, like any other that breaks a rule.
struct SimulateWorkers {
    private let first: UInt64
    private let end: UInt64
    private let cores: Int
    private let options: SimulateOptions
    private var totals = SimulateTotals()

    init(first: UInt64, count: Int, cores: Int, options: SimulateOptions) {
        self.first = first
        end = first &+ UInt64(count)
        self.cores = cores
        self.options = options
    }

    /// Runs all seeds; nil where no process could be started, and standard error says why.
    mutating func run() -> SimulateTotals? {
        do throws(Errno) {
            var workers: [WorkerBox] = []
            for core in 0..<cores { workers.append(try start(at: first &+ UInt64(core))) }
            var shown = MonotonicClock.now()
            while !workers.isEmpty {
                for position in workers.indices.reversed() {
                    try read(workers[position])
                    guard let exit = try workers[position].child.poll() else { continue }
                    try read(workers[position])
                    let worker = workers.remove(at: position)
                    if let next = settle(worker, exit) { workers.append(try start(at: next)) }
                }
                showProgress(&shown)
                usleep(10_000)
            }
            return totals
        } catch {
            Console.faults.line("tally simulate: can't start a process: \(error)")
            return nil
        }
    }

    private func start(at seed: UInt64) throws(Errno) -> WorkerBox {
        guard let executable = CurrentProcess.executablePath else { throw .noSuchFile }
        var arguments = [
            "simulate", "--seeds", "\(end &- seed)", "--first", "\(seed)", "--stride", "\(cores)",
            "--seconds", "\(options.seconds)",
        ]
        if let nodes = options.nodes { arguments += ["--nodes", "\(nodes)"] }
        let box = try WorkerBox()
        try box.start(executable, arguments)
        return box
    }

    private mutating func read(_ worker: WorkerBox) throws(Errno) {
        for line in try worker.lines() {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "begin" {
                worker.seed = UInt64(words[1])
            } else if let one = SimulateTotals(line: line[...]) {
                totals.add(one)
                worker.seed = nil
            }
        }
    }

    /// A process has ended. Returns where another one must go on.
    private mutating func settle(_ worker: WorkerBox, _ exit: ChildProcess.Exit) -> UInt64? {
        guard exit != .code(0), let seed = worker.seed else { return nil }
        Console.faults.line("seed \(seed): its process ended with \(exit)")
        var one = SimulateTotals()
        one.seeds = 1
        one.broken = [seed]
        one.died = [seed]
        totals.add(one)
        let next = seed &+ UInt64(cores)
        return next < end ? next : nil
    }

    private func showProgress(_ shown: inout Instant) {
        let now = MonotonicClock.now()
        guard now.since(shown) >= .milliseconds(5_000) else { return }
        shown = now
        Console.faults.line("\(totals.seeds) seeds, \(totals.broken.count) broken")
    }
}

/// A process that runs seeds, and what it has said.
private final class WorkerBox {
    private var pipe: Pipe
    private var process: ChildProcess?
    private var unread: [UInt8] = []
    /// The seed under way.
    var seed: UInt64?

    init() throws(Errno) { pipe = try Pipe(childsEnd: .writing) }

    var child: ChildProcess {
        guard let process else { preconditionFailure("the process is not started") }
        return process
    }

    func start(_ executable: String, _ arguments: [String]) throws(Errno) {
        process = try ChildProcess.spawn(
            executable: executable, arguments: arguments, input: .null,
            output: .descriptor(pipe.writingEnd))
        pipe.closeWritingEnd()
    }

    /// The whole lines that have come.
    func lines() throws(Errno) -> [String] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        reading: while true {
            switch try ByteStream.read(pipe.readingEnd, into: &buffer, at: 0) {
            case .bytes(let count): unread += buffer[..<count]
            case .end, .wouldBlock: break reading
            }
        }
        guard let last = unread.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let text = String(decoding: unread[..<last], as: UTF8.self)
        unread.removeSubrange(...last)
        return text.split(separator: "\n").map(String.init)
    }
}
