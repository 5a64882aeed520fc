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
extension Server {
    /// When the oldest question has waited as long as it may.
    var nextReadiness: Instant { readinessChecks.first?.deadline ?? .never }

    /// Makes a read for a question about readiness.
    mutating func checkReadiness(_ exchange: Exchange, of client: ClientConnection) {
        let id = client.nextRequestID()
        client.take(exchange)
        let answersBefore = effects.answers.count
        replica.step(.requested(.get, id), at: now, into: &effects)
        if effects.answers.count > answersBefore {
            let answer = effects.answers.removeLast().answer
            return self.answer(client, at: client.exchanges.count - 1, answer)
        }
        while let first = readinessChecks.first, unanswered(first) == nil {
            readinessChecks.popFirst()
        }
        readinessChecks.append(
            ReadinessCheck(number: RequestNumber(id), deadline: now + ServerLimits.readiness))
    }

    /// Answers the questions whose reads have taken too long.
    mutating func expireReadinessChecks() {
        while let first = readinessChecks.first, now >= first.deadline {
            readinessChecks.popFirst()
            if let (client, position) = unanswered(first) {
                answerUnready(client, at: position)
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

    /// Whether a linearizable read was answered is whether the node is ready.
    mutating func answerReadiness(
        _ client: ClientConnection, at position: Int, _ answer: Replica.Answer
    ) {
        guard case .value = answer, !replica.isStopping else {
            return answerUnready(client, at: position)
        }
        page = Array("ready\n".utf8)
        answerPage("text/plain", .ok, client, at: position)
    }

    private mutating func answerUnready(_ client: ClientConnection, at position: Int) {
        page = Array((unreadiness + "\n").utf8)
        answerPage("text/plain", .serviceUnavailable, client, at: position)
    }

    /// Why no linearizable read can be served, in the contract's words.
    private var unreadiness: String {
        if replica.isStopping { return "stopping" }
        if !replica.isFounded {
            let missing = replica.status(at: now).waitingFor.map(\.description)
            return "no leader: the cluster is forming"
                + (missing.isEmpty ? "" : "; it waits for \(missing.joined(separator: ", "))")
        }
        if let report = lostMajority { return report.sentence }
        guard let leader = replica.leader else { return "no leader" }
        return replica.isBehindReads
            ? "catching up" : "no leader: \(leader) led last, and has not confirmed it in time"
    }

    /// Who of the voters is heard, where that is less than a majority.
    var lostMajority: MajorityReport? {
        guard replica.isFounded else { return nil }
        let reachable = replica.reachableVoters(at: now)
        let report = MajorityReport(voters: replica.voters) { reachable.contains($0) }
        return report.isMajority ? nil : report
    }
}
