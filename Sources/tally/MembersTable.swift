import Client
import Configuration

/// What `tally members` prints.
enum MembersTable {
    private static let heading = [
        "NODE", "ROLE", "STATE", "SECONDS", "INCARNATION", "HTTP", "RAFT", "GOSSIP",
    ]

    /// The columns of numbers.
    private static let numbers: Set<Int> = [3, 4]

    /// A line for each member under a heading. SECONDS is for how long it has been in its state.
    static func text(_ members: [MemberStatus]) -> String {
        let rows = members.map { member in
            [
                member.node, member.role, member.state ?? "unknown",
                member.sinceMilliseconds.map { "\($0 / 1_000)" } ?? "-",
                member.incarnation.map { "\($0)" } ?? "-", member.http ?? "-", member.raft ?? "-",
                member.gossip ?? "-",
            ]
        }
        return TextTable.text([heading] + rows, numbers: numbers)
    }
}
