import Configuration
import HTTP
import Posix
import Primitives

/// A cluster as commands see it: a few addresses, any of which may be the leader's.
///
/// A call waits until it has its answer, within the bounds of its patience. One thread uses it.
public final class ClusterClient {
    private let addresses: [HostPort]
    private let patience: Patience
    private let dialer: Dialer

    /// A client of the nodes at those HTTP addresses, at least one, asked in that order.
    ///
    /// Throws where the system has no descriptors left.
    public init(_ addresses: [HostPort], patience: Patience = Patience()) throws(Errno) {
        self.addresses = addresses
        self.patience = patience
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

    /// What each node says about itself, in the order of the addresses; all are asked at once.
    public func status() -> [NodeReport] {
        let outcomes = dialer.ask(
            addresses.map { ClusterClient.url($0, "/status") }, .get, fields: [.close],
            patience: patience)
        return zip(addresses, outcomes).map { NodeReport(address: $0, outcome: $1) }
    }

    /// Who is there, as the first node in the order of the addresses says that answers; all are asked
    /// at once.
    public func members() -> MembersReport {
        MembersReport(
            outcomes: dialer.ask(
                addresses.map { ClusterClient.url($0, "/members") }, .get, fields: [.close],
                patience: patience))
    }

    private func call(_ method: Method, _ target: String, body: String?) -> Answer {
        var fields = [RequestEncoder.Field.close, .init("Accept", "text/plain")]
        if body != nil {
            fields.append(.init("Content-Type", "application/x-www-form-urlencoded"))
        }
        var plan = CallPlan(
            addresses.map { ClusterClient.url($0, target) }, isWrite: method == .post,
            patience: patience, at: MonotonicClock.now())
        var step = plan.first
        while true {
            switch step {
            case .done(let answer): return answer
            case .ask(let url, let moment):
                dialer.pause(until: moment)
                let outcomes = dialer.ask(
                    [url], method, fields: fields, body: body.map { Array($0.utf8) },
                    patience: patience)
                step = plan.next(after: outcomes[0], at: MonotonicClock.now())
            }
        }
    }

    private static func url(_ address: HostPort, _ target: String) -> HTTPURL {
        guard let url = HTTPURL(authority: address.description, target: target) else {
            preconditionFailure("\(address) and \(target) make no URL")
        }
        return url
    }
}

extension RequestEncoder.Field {
    /// A command asks once; the node need not wait for more (RFC 9112 §9.6).
    fileprivate static let close = RequestEncoder.Field("Connection", "close")
}
