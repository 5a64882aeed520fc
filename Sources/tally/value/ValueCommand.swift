import Client
import Configuration
import Posix
import Primitives

/// `tally get`, `tally set`, `tally add` and `tally transfer`: one command against the cluster.
enum ValueCommand {
    case get(isStale: Bool)
    case set(Int64, ifIndex: UInt64?)
    case add(Int64)
    case transfer(to: NodeID?)

    /// The command's word.
    var name: String {
        switch self {
        case .get: "get"
        case .set: "set"
        case .add: "add"
        case .transfer: "transfer"
        }
    }

    /// Asks the cluster, and prints what it said or why it said nothing.
    func run(_ options: ValueOptions) -> ExitCode {
        guard let known = options.target.nodes(command: name) else { return .configuration }
        var timeouts = known.timeouts
        if let timeout = options.timeout { timeouts.overall = timeout }
        do throws(Errno) {
            let client = try ClusterClient(known.addresses, timeouts: timeouts)
            let answer = perform(client)
            return report(
                answer.blaming(try lostMajority(known, after: answer)), isJSON: options.isJSON)
        } catch {
            Console.faults.line("tally \(name): \(error)")
            return .tryAgain
        }
    }

    /// Where the cluster could not do it: the sentence about its majority, if that is lost.
    private func lostMajority(
        _ known: KnownNodes, after answer: Answer
    ) throws(Errno) -> String? {
        switch answer {
        case .notApplied, .unknown: return try known.lostMajority()
        case .value, .leads, .snapshot, .refused, .unreachable: return nil
        }
    }

    private func perform(_ client: ClusterClient) -> Answer {
        switch self {
        case .get(let isStale): client.get(stale: isStale)
        case .set(let value, let index): client.set(value, ifIndex: index)
        case .add(let summand): client.add(summand)
        case .transfer(let node): client.transfer(to: node)
        }
    }

    private func report(_ answer: Answer, isJSON: Bool) -> ExitCode {
        let (code, text) = verdict(answer)
        if isJSON { Console.results.line(json(answer)) }
        if code == .fine {
            if !isJSON { Console.results.line(text) }
        } else {
            Console.faults.line("tally \(name): \(text)")
        }
        return code
    }

    /// The answer as one JSON value: the node's own document, or what became of the command.
    func json(_ answer: Answer) -> String {
        switch answer {
        case .value(_, let document?), .leads(_, _, let document): document.line
        case .value(let value, nil):
            JSONValue.object([JSONMember(key: "value", value: .number("\(value)"))]).line
        case .snapshot: problem("unknown", ValueCommand.foreignAnswer)
        case .refused(let why, let code, let isReplay):
            problem("not-applied", why, code: code, isReplay: isReplay)
        case .notApplied(let why), .unreachable(let why): problem("not-applied", why)
        case .unknown(let why): problem("unknown", why)
        }
    }

    /// What no node of Tally answers here.
    private static let foreignAnswer = "unknown: a snapshot came, and nobody asked for one"

    private func problem(
        _ outcome: String, _ detail: String, code: String? = nil, isReplay: Bool = false
    ) -> String {
        let members = [("code", code), ("outcome", outcome), ("detail", detail)]
        let texts = members.compactMap { key, text in
            text.map { JSONMember(key: key, value: .string($0)) }
        }
        let more = isReplay ? [JSONMember(key: "replayed", value: .bool(true))] : []
        return JSONValue.object(texts + more).line
    }

    /// The exit code of an answer, and the line that explains it.
    func verdict(_ answer: Answer) -> (ExitCode, String) {
        switch answer {
        case .value(let value, _): (.fine, "\(value)")
        case .leads(let node, let term, _): (.fine, "\(node) leads term \(term)")
        case .snapshot: (.tryAgain, ValueCommand.foreignAnswer)
        case .refused(let why, _, _): (.refused, "refused: \(why)")
        case .notApplied(let why):
            switch self {
            case .get: (.tryAgain, "no node can read the value now: \(why)")
            case .set, .add: (.tryAgain, "not applied, try again: \(why)")
            case .transfer: (.tryAgain, "leadership did not move, try again: \(why)")
            }
        case .unknown(let why):
            if case .transfer = self {
                (.tryAgain, "unknown: look with 'tally status' who leads (\(why))")
            } else {
                (
                    .tryAgain,
                    "unknown: the write may have been applied or not; look with 'tally get' before "
                        + "you repeat it (\(why))"
                )
            }
        case .unreachable(let why): (.unreachable, "no node answers: \(why)")
        }
    }
}

extension Answer {
    /// The same answer, with a reason that explains more than what the last node said, if there is one.
    fileprivate func blaming(_ reason: String?) -> Answer {
        guard let reason else { return self }
        switch self {
        case .notApplied: return .notApplied(reason)
        case .unknown: return .unknown(reason)
        case .value, .leads, .snapshot, .refused, .unreachable: return self
        }
    }
}
