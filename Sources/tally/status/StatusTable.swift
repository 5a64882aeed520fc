import Client
import Configuration

/// What `tally status` prints.
enum StatusTable {
    private static let table = TextTable(
        heading: ["NODE", "ROLE", "TERM", "LEADER", "COMMIT", "APPLIED", "VALUE", "LAG"],
        numbers: [2, 4, 5, 6, 7], expendable: [5, 4, 2, 7, 3])

    /// A line for each node under a heading. LAG is how many entries the node's value is behind the
    /// highest commit of all. A line follows for each node whose gossip is degraded or whose disk is
    /// full, and one where the majority is lost.
    ///
    /// - Parameters:
    ///   - known: the nodes that the reports are about, in the same order.
    ///   - width: how many characters a line may have; nil for no bound.
    static func text(_ reports: [NodeReport], _ known: KnownNodes, width: Int? = nil) -> String {
        let highest = reports.compactMap(\.status?.commit).max() ?? 0
        let rows = zip(reports, known.nodes).map { report, node in
            report.status.map { row(of: $0, highest: highest) } ?? silentRow(of: node)
        }
        let degraded = reports.compactMap(\.status).filter(\.isGossipDegraded).map {
            "\($0.node): its gossip is degraded; its log says why\n"
        }
        let full = reports.compactMap(\.status).filter(\.isDiskFull).map {
            "\($0.node): its disk is full; it takes no writes until there is room\n"
        }
        let lost = ClusterReport(reports, expected: known.voters).lostMajority.map { $0 + "\n" }
        return table.text(rows, width: width) + degraded.joined() + full.joined()
            + (lost ?? "")
    }

    /// One JSON value on one line: the nodes' own documents, or `{"url","error"}` of a silent one.
    static func json(_ reports: [NodeReport]) -> String {
        let documents = reports.map { report -> JSONValue in
            switch report.result {
            case .answered(_, let document): document
            case .silent(let why):
                .object([
                    JSONMember(key: "url", value: .string("http://\(report.address)")),
                    JSONMember(key: "error", value: .string(why)),
                ])
            }
        }
        return JSONValue.array(documents).line
    }

    private static func row(of status: NodeStatus, highest: UInt64) -> [String] {
        let lag = highest > status.applied ? highest - status.applied : 0
        return [
            status.node, status.role, "\(status.term)", status.leader ?? "-", "\(status.commit)",
            "\(status.applied)", "\(status.value)", "\(lag)",
        ]
    }

    private static func silentRow(of node: KnownNode) -> [String] {
        let name = node.id.map { "\($0)" } ?? "\(node.address)"
        return [name, "unreachable"] + Array(repeating: "-", count: table.heading.count - 2)
    }
}

extension NodeReport {
    /// What the node said, nil where it said nothing.
    fileprivate var status: NodeStatus? {
        if case .answered(let status, _) = result { status } else { nil }
    }
}
