import Client
import Configuration

/// What `tally members` prints.
enum MembersTable {
    private static let table = TextTable(
        heading: ["NODE", "ROLE", "STATE", "SECONDS", "INCARNATION", "HTTP", "RAFT", "GOSSIP"],
        numbers: [3, 4], expendable: [4, 7, 6, 3, 5])

    /// A line for each member under a heading. SECONDS is for how long it has been in its state.
    ///
    /// - Parameter width: how many characters a line may have; nil for no bound.
    static func text(_ members: [MemberStatus], width: Int? = nil) -> String {
        let rows = members.map { member in
            [
                member.node, member.role, member.state ?? "unknown",
                member.sinceMilliseconds.map { "\($0 / 1_000)" } ?? "-",
                member.incarnation.map { "\($0)" } ?? "-", member.http ?? "-", member.raft ?? "-",
                member.gossip ?? "-",
            ]
        }
        return table.text(rows, width: width)
    }
}
