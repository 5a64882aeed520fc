import Client
import Configuration
import Posix

/// `tally members`: asks who is there.
enum MembersCommand {
    /// Prints what the gossip of the first node that answers says, once or until someone ends the
    /// program.
    static func run(_ options: MembersOptions) -> ExitCode {
        guard let known = options.target.nodes(command: "members") else { return .configuration }
        do throws(Errno) {
            let client = try ClusterClient(known.addresses, timeouts: .short)
            if options.isWatching {
                try Screen.current.watch(isJSON: options.isJSON) { screen in
                    look(client.members(), screen, isJSON: options.isJSON)
                }
            }
            let report = client.members()
            if case .silent(let why) = report {
                Console.faults.line("tally members: no node answers: \(why)")
                return .unreachable
            }
            Console.results.write(look(report, .current, isJSON: options.isJSON))
            return .fine
        } catch {
            Console.faults.line("tally members: \(error)")
            return .tryAgain
        }
    }

    /// What is shown of a report. While it is watched, silence is a look like any other.
    static func look(_ report: MembersReport, _ screen: Screen, isJSON: Bool) -> String {
        switch report {
        case .answered(let members, let document):
            isJSON ? document.line + "\n" : MembersTable.text(members, width: screen.width)
        case .silent(let why):
            isJSON
                ? JSONValue.object([JSONMember(key: "error", value: .string(why))]).line + "\n"
                : "no node answers: \(why)\n"
        }
    }
}
