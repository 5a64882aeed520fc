import Configuration
import HTTP
import Posix
import Primitives

/// A cluster as commands see it: a few addresses, any of which may be the leader's.
///
/// A call waits until it has its answer, within the bounds of its timeouts. One thread uses it.
///
/// A set or an add has an idempotency key of its own, so it is sent again until it is answered, and
/// takes effect once. Where nodes of an earlier version know no keys it goes without, and ends as
/// `.unknown` when an answer is lost.
public final class ClusterClient {
    private let addresses: [Address]
    private let timeouts: CallTimeouts
    private let dialer: Dialer
    /// The highest index that a node has answered with.
    private var seenIndex: UInt64?

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
        perform(Call(.get, stale ? "/get?consistency=stale" : "/get", safety: .read))
    }

    /// Sets the value, whatever it was; or, where there is an index, only if the last set or add that
    /// took effect stands there, and else it is refused as `precondition-failed`.
    public func set(_ value: Int64, ifIndex index: UInt64? = nil) -> Answer {
        var call = keyed("/set", "value=\(value)")
        if let index { call.fields.append(.init("If-Match", "\"\(index)\"")) }
        return perform(call)
    }

    /// Adds to the value.
    public func add(_ summand: Int64) -> Answer { perform(keyed("/add", "value=\(summand)")) }

    /// Moves the leadership to that voter, or to any other than the present leader where it is nil.
    public func transfer(to node: NodeID?) -> Answer {
        perform(Call(.post, "/leader", body: node.map { "node=\($0)" } ?? "", safety: .none))
    }

    /// The cluster's state as a checksummed file, no older than any write acknowledged before.
    public func snapshot(_ watch: @escaping ContentWatch = { _, _ in }) -> Answer {
        var call = Call(.get, "/snapshot", safety: .read)
        call.fields = [.close, .init("Accept", "application/octet-stream")]
        call.limits = .snapshot
        call.watch = watch
        return perform(call)
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

    private func keyed(_ target: String, _ body: String) -> Call {
        Call(
            .post, target, body: body,
            safety: seenIndex.map { .keyed(firstIndex: $0) } ?? .unlearned)
    }

    private func perform(_ call: Call) -> Answer {
        let begin = MonotonicClock.now()
        var plan = CallPlan(
            addresses.map { ClusterClient.url($0, call.target) }, call.safety,
            timeouts: timeouts, at: begin)
        var step = plan.first
        while true {
            switch step {
            case .done(let answer): return answer
            case .ask(let url, let moment):
                dialer.pause(until: moment)
                let outcome = ask(url, call, plan, until: begin + timeouts.overall)
                note(outcome)
                step = plan.next(after: outcome, at: MonotonicClock.now())
            }
        }
    }

    /// One try: the command, or the question for the index that comes before it.
    private func ask(
        _ url: HTTPURL, _ call: Call, _ plan: CallPlan, until end: Instant
    ) -> Exchange.Outcome {
        var timeouts = timeouts
        if plan.isImpatient {
            let patience = Timespan(nanoseconds: timeouts.overall.nanoseconds / 3)
            timeouts.response = min(timeouts.response, patience)
        }
        if plan.safety == .unlearned {
            let status = ClusterClient.url(url.address, "/status")
            return dialer.ask([status], .get, fields: [.close], timeouts: timeouts, until: end)[0]
        }
        return dialer.ask(
            [url], call.method, fields: call.fields(plan.safety),
            body: call.body.map { Array($0.utf8) }, timeouts: timeouts, until: end,
            limits: call.limits, watch: call.watch)[0]
    }

    private func note(_ outcome: Exchange.Outcome) {
        guard case .answered(let response) = outcome, response.status == 200,
            let index = response["tally-index"].flatMap({ UInt64($0) })
        else { return }
        seenIndex = max(seenIndex ?? 0, index)
    }

    private static func url(_ address: Address, _ target: String) -> HTTPURL {
        guard let url = HTTPURL(address, target: target) else {
            preconditionFailure("\(address) and \(target) make no URL")
        }
        return url
    }
}
