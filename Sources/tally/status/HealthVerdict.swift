import Client
import Configuration

/// What `tally status --check` says: how the cluster is, in one line and an exit code.
enum HealthVerdict: Equatable {
    /// Every voter answers and follows the one leader.
    case well(String)
    /// There is a leader and a majority, and a minority is away, or takes no writes.
    case minorityAway(String)
    /// Nothing can be written.
    case unavailable(String)

    /// The verdict on what the nodes said of themselves.
    init(_ report: ClusterReport) {
        guard !report.statuses.isEmpty else {
            self = .unavailable(report.lostMajority ?? "no node answers")
            return
        }
        if report.isForming {
            let missing = Set(report.statuses.flatMap(\.waitingFor)).sorted()
            self = .unavailable(
                "the cluster is forming"
                    + (missing.isEmpty ? "" : "; it waits for \(missing.joined(separator: ", "))"))
            return
        }
        if let sentence = report.lostMajority {
            self = .unavailable(sentence)
            return
        }
        guard let leader = report.leader else {
            self = .unavailable("no leader: \(HealthVerdict.count(report)), and none of them leads")
            return
        }
        self = HealthVerdict.judge(report, under: leader)
    }

    private static func judge(
        _ report: ClusterReport, under leader: NodeStatus
    ) -> HealthVerdict {
        let voters = report.voters.map(\.description)
        let silent = voters.filter { voter in !report.statuses.contains { $0.node == voter } }
        let astray = report.statuses.filter { status in
            voters.contains(status.node)
                && (status.leader != leader.node || status.term != leader.term)
        }.map(\.node)
        let full = voters.filter { voter in
            report.statuses.contains { $0.node == voter && $0.isDiskFull }
        }
        if !full.isEmpty, voters.count - silent.count - full.count < voters.count / 2 + 1 {
            return .unavailable("nothing can be written: \(disks(of: full))")
        }
        guard !silent.isEmpty || !astray.isEmpty || !full.isEmpty else {
            return .well("ok: \(leader.node) leads in term \(leader.term), \(count(report))")
        }
        var parts = ["\(leader.node) leads in term \(leader.term), \(count(report))"]
        if !silent.isEmpty {
            parts.append("\(list(silent)) \(silent.count == 1 ? "does" : "do") not")
        }
        if !astray.isEmpty {
            parts.append("\(list(astray)) \(astray.count == 1 ? "does" : "do") not follow it")
        }
        if !full.isEmpty { parts.append(disks(of: full)) }
        return .minorityAway("degraded: " + parts.joined(separator: "; "))
    }

    /// The exit code.
    var code: ExitCode {
        switch self {
        case .well: .fine
        case .minorityAway: .tryAgain
        case .unavailable: .unreachable
        }
    }

    /// The line for people.
    var text: String {
        switch self {
        case .well(let text), .minorityAway(let text), .unavailable(let text): text
        }
    }

    /// `{"health":"ok","detail":"…"}`; the health is `ok`, `degraded` or `unavailable`.
    var json: String {
        let health =
            switch self {
            case .well: "ok"
            case .minorityAway: "degraded"
            case .unavailable: "unavailable"
            }
        return JSONValue.object([
            JSONMember(key: "health", value: .string(health)),
            JSONMember(key: "detail", value: .string(text)),
        ]).line
    }

    /// `3 of 3 nodes answer`.
    private static func count(_ report: ClusterReport) -> String {
        let voters = report.voters.map(\.description)
        let answering = voters.count { voter in report.statuses.contains { $0.node == voter } }
        return "\(answering) of \(voters.count) nodes \(answering == 1 ? "answers" : "answer")"
    }

    /// `the disks of n1, n2 are full`.
    private static func disks(of nodes: [String]) -> String {
        nodes.count == 1
            ? "the disk of \(nodes[0]) is full" : "the disks of \(list(nodes)) are full"
    }

    private static func list(_ nodes: [String]) -> String { nodes.joined(separator: ", ") }
}
