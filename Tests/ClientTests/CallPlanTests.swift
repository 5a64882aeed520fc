import HTTP
import Primitives
import Testing

@testable import Client

/// The way over the nodes, without nodes and without time.
@Suite struct CallPlanTests {
    private let refusal = """
        HTTP/1.1 503 Service Unavailable\r
        Content-Type: application/problem+json\r
        Content-Length: 46\r
        \r
        {"detail":"no leader","outcome":"not-applied"}
        """

    private func at(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    private func urls() throws -> [HTTPURL] {
        try ["http://a:1/set", "http://b:1/set"].map { try #require(HTTPURL($0)) }
    }

    private func answered(_ text: String) throws -> Exchange.Outcome {
        var parser = ResponseParser(answering: .post)
        return .answered(try #require(try parser.receive(text.utf8)))
    }

    @Test func `pauses come after whole rounds, and grow to a bound`() throws {
        let urls = try urls()
        var plan = CallPlan(urls, .none, timeouts: CallTimeouts(), at: at(0))
        #expect(plan.first == .ask(urls[0], notBefore: at(0)))
        let refused = try answered(refusal)
        for pause in [20, 40, 80, 160, 320, 500, 500] {
            #expect(plan.next(after: refused, at: at(7)) == .ask(urls[1], notBefore: at(7)))
            #expect(plan.next(after: refused, at: at(7)) == .ask(urls[0], notBefore: at(7 + pause)))
        }
    }

    @Test func `no attempt is begun after the whole time`() throws {
        let urls = try urls()
        var plan = CallPlan(urls, .none, timeouts: CallTimeouts(), at: at(0))
        let refused = try answered(refusal)
        #expect(plan.next(after: refused, at: at(9_499)) == .ask(urls[1], notBefore: at(9_499)))
        #expect(plan.next(after: refused, at: at(9_499)) == .done(.notApplied("b:1: no leader")))
    }

    @Test func `a node that answers explains more than one that is not there`() throws {
        let urls = try urls()
        var plan = CallPlan(urls, .none, timeouts: CallTimeouts(), at: at(0))
        _ = plan.next(after: try answered(refusal), at: at(5_000))
        let step = plan.next(after: .unreached("Connection refused"), at: at(5_000))
        #expect(step == .ask(urls[0], notBefore: at(5_020)))
        let last = plan.next(after: .unreached("Connection refused"), at: at(10_000))
        #expect(last == .done(.notApplied("a:1: no leader")))
    }

    @Test func `nobody is waited for a second, and at least one round`() throws {
        let urls = try urls()
        var plan = CallPlan(urls, .read, timeouts: CallTimeouts(), at: at(0))
        let silence = Exchange.Outcome.unreached("gone")
        #expect(plan.next(after: silence, at: at(3_000)) == .ask(urls[1], notBefore: at(3_000)))
        #expect(plan.next(after: silence, at: at(3_000)) == .done(.unreachable("b:1: gone")))

        plan = CallPlan(urls, .read, timeouts: CallTimeouts(), at: at(0))
        _ = plan.next(after: silence, at: at(500))
        #expect(plan.next(after: silence, at: at(999)) == .ask(urls[0], notBefore: at(1_019)))
    }

    /// Reached is not unreachable: others are asked until the time is over.
    @Test func `a node that is silent when asked for the index is there`() throws {
        let urls = try urls()
        var plan = CallPlan(urls, .unlearned, timeouts: CallTimeouts(), at: at(0))
        let step = plan.next(after: .lost("no answer in time"), at: at(3_333))
        #expect(step == .ask(urls[1], notBefore: at(3_333)))
        let gone = Exchange.Outcome.unreached("gone")
        #expect(plan.next(after: gone, at: at(3_400)) == .ask(urls[0], notBefore: at(3_420)))
        #expect(
            plan.next(after: gone, at: at(9_600)) == .done(.notApplied("a:1: no answer in time")))
    }

    @Test func `one silence is cut short, where there is another node`() throws {
        let urls = try urls()
        let leader = try #require(HTTPURL("http://c:1/set"))
        for safety in [CallPlan.Safety.unlearned, .keyed(firstIndex: 1)] {
            var plan = CallPlan(urls, safety, timeouts: CallTimeouts(), at: at(0))
            #expect(plan.isImpatient)
            _ = plan.next(after: .unreached("gone"), at: at(1))
            #expect(plan.isImpatient)
            _ = plan.next(after: .lost("no answer in time"), at: at(2))
            #expect(!plan.isImpatient)

            plan = CallPlan([urls[0]], safety, timeouts: CallTimeouts(), at: at(0))
            #expect(!plan.isImpatient)
        }
        var plan = CallPlan([urls[0]], .keyed(firstIndex: 1), timeouts: CallTimeouts(), at: at(0))
        let redirect = try answered(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://c:1/set\r\n"
                + "Content-Length: 0\r\n\r\n")
        #expect(plan.next(after: redirect, at: at(1)) == .ask(leader, notBefore: at(1)))
        #expect(plan.isImpatient)
        for safety in [CallPlan.Safety.read, .none] {
            #expect(!CallPlan(urls, safety, timeouts: CallTimeouts(), at: at(0)).isImpatient)
        }
    }

    @Test func `a leader that can't be reached leads back to the given nodes`() throws {
        let urls = try urls()
        let leader = try #require(HTTPURL("http://c:1/set?x"))
        var plan = CallPlan(urls, .none, timeouts: CallTimeouts(), at: at(0))
        let redirect = try answered(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://c:1/set?x\r\n"
                + "Content-Length: 0\r\n\r\n")
        #expect(plan.next(after: redirect, at: at(1)) == .ask(leader, notBefore: at(1)))
        let step = plan.next(after: .unreached("Connection refused"), at: at(2))
        #expect(step == .ask(urls[1], notBefore: at(2)))
        // The leader may have the write where it was reached and fell silent.
        _ = plan.next(after: redirect, at: at(3))
        #expect(plan.next(after: .lost("gone"), at: at(4)) == .done(.unknown("c:1: gone")))
    }

    /// Whatever the tries after it say, one that may have been applied makes the whole unknown, and it
    /// is the last.
    @Test func `the answer speaks for all tries`() throws {
        let urls = try urls()
        let harmless = [try answered(refusal), .unreached("Connection refused")]
        let doubtful: [Exchange.Outcome] = [
            .lost("gone"),
            try answered("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"),
            try answered("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
            try answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        ]
        let value = try answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n5\n")
        for before in harmless {
            for doubt in doubtful {
                for after in harmless + [value] {
                    var plan = CallPlan(urls, .none, timeouts: CallTimeouts(), at: at(0))
                    _ = plan.next(after: before, at: at(1))
                    for outcome in [doubt, after, after] {
                        guard case .done(.unknown(let why)) = plan.next(after: outcome, at: at(2))
                        else {
                            Issue.record("\(before), \(doubt), \(after)")
                            continue
                        }
                        #expect(why.hasPrefix("b:1: "))
                    }
                }
            }
        }
    }
}
