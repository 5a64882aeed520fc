import Configuration
import Posix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The program: reads its command line, does what it says, and ends with the code of it.
@main
struct Tally {
    static func main() {
        guard StandardStreams.fillGaps() else { exit(ExitCode.diskError.rawValue) }
        exit(Console.ending(run(Array(CommandLine.arguments.dropFirst()))).rawValue)
    }

    private static func run(_ arguments: [String]) -> ExitCode {
        do throws(UsageFault) {
            return perform(try Command(arguments: arguments, environment: environment))
        } catch {
            Console.faults.write(error.text)
            return .usage
        }
    }

    /// The variables that stand in for options.
    private static var environment: [String: String] {
        var found: [String: String] = [:]
        for name in Set(CommandShape.all.flatMap(\.options).compactMap(\.variable)) {
            found[name] = CurrentProcess.variable(name)
        }
        return found
    }

    private static func perform(_ command: Command) -> ExitCode {
        switch command {
        case .help(let name):
            let shape = CommandShape.all.first { $0.name == name }
            Console.results.write(shape.map(HelpText.explanation) ?? HelpText.overview)
            return .fine
        case .version:
            Console.results.line("tally \(TallyVersion.text)")
            return .fine
        case .check(let file): return CheckCommand.run(file: file)
        case .serve(let options): return ServeCommand.run(options)
        case .cluster(let options): return ClusterCommand.run(options)
        case .get(let isStale, let target): return ValueCommand.get(isStale: isStale).run(target)
        case .set(let value, let index, let target):
            return ValueCommand.set(value, ifIndex: index).run(target)
        case .add(let summand, let target): return ValueCommand.add(summand).run(target)
        case .transfer(let node, let target): return ValueCommand.transfer(to: node).run(target)
        case .status(let options): return StatusCommand.run(options)
        case .members(let options): return MembersCommand.run(options)
        case .backup(let options): return BackupCommand.run(options)
        case .restore(let options): return RestoreCommand.run(options)
        case .log(let options): return LogCommand.run(options)
        case .simulate(let options): return SimulateCommand.run(options)
        case .contrast(let options): return ContrastCommand.run(options)
        case .simulateGossip(let options): return SimulateGossipCommand.run(options)
        }
    }
}
