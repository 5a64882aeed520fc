import Client
import Configuration
import Posix

/// `tally get`, `tally set` and `tally add`: one command against the cluster.
enum ValueCommand {
    case get(isStale: Bool)
    case set(Int64)
    case add(Int64)

    /// The command's word.
    var name: String {
        switch self {
        case .get: "get"
        case .set: "set"
        case .add: "add"
        }
    }

    /// Asks the cluster, and prints the value or why there is none.
    func run(_ target: Target) -> ExitCode {
        guard let known = target.nodes(command: name) else { return .configuration }
        do throws(Errno) {
            let client = try ClusterClient(known.addresses, patience: known.patience)
            return report(perform(client))
        } catch {
            Console.faults.line("tally \(name): \(error)")
            return .tryAgain
        }
    }

    private func perform(_ client: ClusterClient) -> Answer {
        switch self {
        case .get(let isStale): client.get(stale: isStale)
        case .set(let value): client.set(value)
        case .add(let summand): client.add(summand)
        }
    }

    private func report(_ answer: Answer) -> ExitCode {
        if case .value(let value) = answer {
            Console.results.line("\(value)")
            return .fine
        }
        let (code, text) = verdict(answer)
        Console.faults.line("tally \(name): \(text)")
        return code
    }

    /// The exit code of an answer, and the line that explains it.
    func verdict(_ answer: Answer) -> (ExitCode, String) {
        switch answer {
        case .value(let value): (.fine, "\(value)")
        case .refused(let why): (.refused, "refused: \(why)")
        case .notApplied(let why):
            if case .get = self {
                (.tryAgain, "no node can read the value now: \(why)")
            } else {
                (.tryAgain, "not applied, try again: \(why)")
            }
        case .unknown(let why):
            (
                .tryAgain,
                "unknown: the write may have been applied or not; look with 'tally get' before you "
                    + "repeat it (\(why))"
            )
        case .unreachable(let why): (.unreachable, "no node answers: \(why)")
        }
    }
}
