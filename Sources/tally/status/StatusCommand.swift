import Client
import Configuration
import Posix
import Primitives

/// `tally status`: asks every node how it is.
enum StatusCommand {
    /// Prints what the nodes say, once or until someone ends the program.
    static func run(_ options: StatusOptions) -> ExitCode {
        guard let known = options.target.nodes(command: "status") else { return .configuration }
        do throws(Errno) {
            let client = try ClusterClient(
                known.addresses, timeouts: .short(within: options.timeout))
            if options.isChecking { return check(client, known, isJSON: options.isJSON) }
            if options.isWatching {
                try Screen.current.watch(isJSON: options.isJSON) { screen in
                    text(client.status(), known, screen, isJSON: options.isJSON)
                }
            }
            return show(client.status(), known, isJSON: options.isJSON)
        } catch {
            Console.faults.line("tally status: \(error)")
            return .tryAgain
        }
    }

    private static func show(
        _ reports: [NodeReport], _ known: KnownNodes, isJSON: Bool
    ) -> ExitCode {
        Console.results.write(text(reports, known, .current, isJSON: isJSON))
        for case .silent(let why) in reports.map(\.result) where reports.count == 1 {
            Console.faults.line("tally status: \(known.addresses[0]): \(why)")
        }
        return ClusterReport(reports, expected: known.voters).statuses.isEmpty
            ? .unreachable : .fine
    }

    private static func check(
        _ client: ClusterClient, _ known: KnownNodes, isJSON: Bool
    ) -> ExitCode {
        let report = client.wholeStatus(expecting: known.voters)
        let verdict = HealthVerdict(report)
        Console.results.line(isJSON ? verdict.json : verdict.text)
        return verdict.code
    }

    private static func text(
        _ reports: [NodeReport], _ known: KnownNodes, _ screen: Screen, isJSON: Bool
    ) -> String {
        isJSON
            ? StatusTable.json(reports) + "\n"
            : StatusTable.text(reports, known, width: screen.width)
    }
}
