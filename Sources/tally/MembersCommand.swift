import Client
import Configuration
import Posix

/// `tally members`: asks who is there.
enum MembersCommand {
    /// Prints what the gossip of the first node that answers says.
    static func run(_ options: MembersOptions) -> ExitCode {
        guard let known = options.target.nodes(command: "members") else { return .configuration }
        do throws(Errno) {
            switch try ClusterClient(known.addresses, patience: .glance).members() {
            case .answered(let members, let document):
                Console.results.write(
                    options.isJSON ? document.line + "\n" : MembersTable.text(members))
                return .fine
            case .silent(let why):
                Console.faults.line("tally members: no node answers: \(why)")
                return .unreachable
            }
        } catch {
            Console.faults.line("tally members: \(error)")
            return .tryAgain
        }
    }
}
