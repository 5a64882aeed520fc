import Client
import Configuration
import Posix
import Primitives

/// `tally status`: asks every node how it is.
enum StatusCommand {
    /// The time between two looks of `--watch`.
    private static let interval = Timespan.milliseconds(1000)

    /// Prints what the nodes say, once or until somebody ends the program.
    static func run(_ options: StatusOptions) -> ExitCode {
        guard let known = options.target.nodes(command: "status") else { return .configuration }
        do throws(Errno) {
            let client = try ClusterClient(known.addresses, patience: .glance)
            if options.isWatching { try watch(client, known, isJSON: options.isJSON) }
            return show(client.status(), known, isJSON: options.isJSON)
        } catch {
            Console.faults.line("tally status: \(error)")
            return .tryAgain
        }
    }

    private static func show(
        _ reports: [NodeReport], _ known: KnownNodes, isJSON: Bool
    ) -> ExitCode {
        Console.results.write(text(reports, known, isJSON: isJSON))
        for case .silent(let why) in reports.map(\.result) where reports.count == 1 {
            Console.faults.line("tally status: \(known.addresses[0]): \(why)")
        }
        return reports.contains(where: \.isAnswered) ? .fine : .unreachable
    }

    /// Goes on until SIGINT ends the program: on a terminal each look replaces the one before.
    private static func watch(
        _ client: ClusterClient, _ known: KnownNodes, isJSON: Bool
    ) throws(Errno) -> Never {
        let isInPlace = isTerminal(Console.results.rawValue) && !isJSON
        let poller = try Poller()
        var events: [PollEvent] = []
        var next = MonotonicClock.now()
        while true {
            let shown = text(client.status(), known, isJSON: isJSON)
            Console.results.write(isInPlace ? inPlace(shown) : shown)
            next = max(next + interval, MonotonicClock.now())
            while MonotonicClock.now() < next { try poller.wait(until: next, into: &events) }
        }
    }

    private static func text(
        _ reports: [NodeReport], _ known: KnownNodes, isJSON: Bool
    ) -> String {
        isJSON ? StatusTable.json(reports) + "\n" : StatusTable.text(reports, known.nodes)
    }

    /// The text over the one before, from the top of the screen: each line ends by clearing what
    /// stood behind it, the last by clearing what stood below (ECMA-48: CUP, EL, ED).
    private static func inPlace(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { $0 + "\u{1b}[K\n" }
        return "\u{1b}[H" + lines.joined() + "\u{1b}[J"
    }
}

extension NodeReport {
    /// Whether the node said how it is.
    fileprivate var isAnswered: Bool {
        if case .answered = result { true } else { false }
    }
}
