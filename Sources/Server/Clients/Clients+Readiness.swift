import Configuration
import Posix
import Primitives
import Replica

/// A question about readiness that waits for the answer to its read.
struct ReadinessCheck {
    var number: RequestNumber
    var deadline: Instant
}

/// Whether this node is ready: it can serve a linearizable read now, and one is made to see it. The
/// answer comes soon, whatever becomes of the read, and says why not.
extension Clients {
    /// Makes a read for a question about readiness.
    mutating func checkReadiness(
        _ exchange: Exchange, of client: ClientConnection, _ core: inout CounterNode
    ) {
        let id = client.nextRequestID()
        client.take(exchange)
        if let reply = core.ask(.read, id) {
            return answer(client, at: client.exchanges.count - 1, reply, core)
        }
        while let first = readinessChecks.first, unanswered(first) == nil {
            readinessChecks.popFirst()
        }
        readinessChecks.append(
            ReadinessCheck(number: RequestNumber(id), deadline: core.now + ServerLimits.readiness))
    }

    /// Answers the questions whose reads have taken too long.
    mutating func expireReadinessChecks(_ core: borrowing CounterNode) {
        while let first = readinessChecks.first, core.now >= first.deadline {
            readinessChecks.popFirst()
            if let (client, position) = unanswered(first) {
                answerUnready(client, at: position, core)
            }
        }
    }

    private func unanswered(_ check: ReadinessCheck) -> (ClientConnection, Int)? {
        guard let client = client(of: check.number),
            let position = client.position(of: check.number),
            client.exchanges[position].rendered == nil
        else { return nil }
        return (client, position)
    }

    /// Whether a linearizable read was answered is whether the node is ready; with a full disk it is not,
    /// though it may still answer some.
    mutating func answerReadiness(
        _ client: ClientConnection, at position: Int, _ reply: Reply,
        _ core: borrowing CounterNode
    ) {
        guard case .value = reply, !core.node.isStopping, !core.node.isDiskFull else {
            return answerUnready(client, at: position, core)
        }
        page = Array("ready\n".utf8)
        answerPage("text/plain", .ok, client, at: position)
    }

    private mutating func answerUnready(
        _ client: ClientConnection, at position: Int, _ core: borrowing CounterNode
    ) {
        page = Array((core.unreadiness + "\n").utf8)
        answerPage("text/plain", .serviceUnavailable, client, at: position)
    }
}

extension CounterNode {
    /// Why no linearizable read can be served, in the contract's words.
    var unreadiness: String {
        if node.isStopping { return "stopping" }
        if node.isInDoubt { return "the voters' states differ, and none of them has a majority" }
        if node.isDiskFull { return "disk full" }
        if !node.isFounded {
            let missing = node.status(at: now).waitingFor.map(\.description)
            return "no leader: the cluster is forming"
                + (missing.isEmpty ? "" : "; it waits for \(missing.joined(separator: ", "))")
        }
        if let report = lostMajority { return report.sentence }
        guard let leader = node.leader else { return "no leader" }
        return node.isBehindReads
            ? "catching up" : "no leader: \(leader) led last, and has not confirmed it in time"
    }

    /// Who of the voters is heard, where that is less than a majority.
    var lostMajority: MajorityReport? {
        guard node.isFounded else { return nil }
        let reachable = node.reachableVoters(at: now)
        let report = MajorityReport(voters: node.voters) { reachable.contains($0) }
        return report.isMajority ? nil : report
    }
}
