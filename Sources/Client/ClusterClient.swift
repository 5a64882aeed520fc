import Configuration
import HTTP
import Posix
import Primitives

/// A cluster as commands see it: a few addresses, any of which may be the leader's.
///
/// A call waits until it has its answer, within the bounds of its timeouts. One thread uses it.
public final class ClusterClient {
    private let addresses: [Address]
    private let timeouts: CallTimeouts
    private let dialer: Dialer

    /// A client of the nodes at those HTTP addresses, at least one, asked in that order.
    ///
    /// Throws where the system has no descriptors left.
    public init(_ addresses: [Address], timeouts: CallTimeouts = CallTimeouts()) throws(Errno) {
        self.addresses = addresses
        self.timeouts = timeouts
        dialer = try Dialer()
    }

    /// The value, linearizable; or, where `stale`, as the first node that answers remembers it.
    public func get(stale: Bool = false) -> Answer {
        call(.get, stale ? "/get?consistency=stale" : "/get", body: nil)
    }

    /// Sets the value, whatever it was.
    public func set(_ value: Int64) -> Answer {
        call(.post, "/set", body: "value=\(value)")
    }

    /// Adds to the value.
    public func add(_ summand: Int64) -> Answer {
        call(.post, "/add", body: "value=\(summand)")
    }

    /// Moves the leadership to that voter, or to any other than the present leader where it is nil.
    public func transfer(to node: NodeID?) -> Answer {
        call(.post, "/leader", body: node.map { "node=\($0)" } ?? "")
    }

    /// What each node says about itself, in the order of the addresses; all are asked at once.
    public func status() -> [NodeReport] { status(of: addresses) }

    private func status(of addresses: [Address]) -> [NodeReport] {
        let outcomes = dialer.ask(
            addresses.map { ClusterClient.url($0, "/status") }, .get, fields: [.close],
            timeouts: timeouts)
        return zip(addresses, outcomes).map { NodeReport(address: $0, outcome: $1) }
    }

    /// What the voters say, those too that are none of the given addresses: where some are missing, a
    /// node's gossip tells where they are.
    ///
    /// - Parameter expected: the voters as a config file has them, empty without one.
    public func wholeStatus(expecting expected: [NodeID]) -> ClusterReport {
        let reports = status()
        let report = ClusterReport(reports, expected: expected)
        guard report.majority == nil, !report.statuses.isEmpty,
            case .answered(let members, _) = members()
        else { return report }
        let missing = members.filter { member in
            report.voters.contains { $0.description == member.node }
                && !report.statuses.contains { $0.node == member.node }
        }
        let others = missing.compactMap { $0.http.flatMap { try? Address($0) } }
        return ClusterReport(reports + status(of: others), expected: report.voters)
    }

    /// Who is there, as the first node in the order of the addresses says that answers; all are asked
    /// at once.
    public func members() -> MembersReport {
        MembersReport(
            outcomes: dialer.ask(
                addresses.map { ClusterClient.url($0, "/members") }, .get, fields: [.close],
                timeouts: timeouts))
    }

    private func call(_ method: Method, _ target: String, body: String?) -> Answer {
        var fields = [
            RequestEncoder.Field.close, .init("Accept", "application/json, text/plain;q=0.5"),
        ]
        if body != nil {
            fields.append(.init("Content-Type", "application/x-www-form-urlencoded"))
        }
        let begin = MonotonicClock.now()
        var plan = CallPlan(
            addresses.map { ClusterClient.url($0, target) }, isWrite: method == .post,
            timeouts: timeouts, at: begin)
        var step = plan.first
        while true {
            switch step {
            case .done(let answer): return answer
            case .ask(let url, let moment):
                dialer.pause(until: moment)
                let outcomes = dialer.ask(
                    [url], method, fields: fields, body: body.map { Array($0.utf8) },
                    timeouts: timeouts, until: begin + timeouts.overall)
                step = plan.next(after: outcomes[0], at: MonotonicClock.now())
            }
        }
    }

    private static func url(_ address: Address, _ target: String) -> HTTPURL {
        guard let url = HTTPURL(address, target: target) else {
            preconditionFailure("\(address) and \(target) make no URL")
        }
        return url
    }
}

extension RequestEncoder.Field {
    /// A command asks once; the node need not wait for more (RFC 9112 §9.6).
    fileprivate static let close = RequestEncoder.Field("Connection", "close")
}
