import HTTP
import Raft
import Replica
import Testing

@testable import Server

/// What guards a write, as its headers say it.
@Suite struct GuardTextTests {
    private struct Unread: Error {}

    private func find(_ lines: String...) throws -> GuardFinding {
        let bytes = Array(
            ("POST /set?value=1 HTTP/1.1\r\nHost: a\r\n"
                + lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
        var parser = RequestParser()
        guard case .request(let request, _) = parser.parse(bytes, from: 0, to: bytes.count) else {
            throw Unread()
        }
        return GuardText.find(in: request, buffer: bytes)
    }

    private let key = "Idempotency-Key: k-1"

    @Test func partsAreFoundAloneAndTogether() throws {
        #expect(try find() == .writeGuard(WriteGuard()))
        let bytes = Array("k-1".utf8)
        #expect(try find(key) == .writeGuard(WriteGuard(key: bytes)))
        #expect(
            try find(key, "Tally-First-Index: 12")
                == .writeGuard(WriteGuard(key: bytes, firstIndex: 12)))
        #expect(
            try find("If-Match: \"7\", W/\"8\"") == .writeGuard(WriteGuard(condition: [7])))
        #expect(
            try find(key, "Tally-First-Index: 0", "If-Match: ")
                == .writeGuard(WriteGuard(key: bytes, firstIndex: 0, condition: [])))
    }

    /// There is always a value.
    @Test func aStarAsksForNothing() throws {
        #expect(try find("If-Match: *") == .writeGuard(WriteGuard()))
    }

    /// What is found keeps to the limits of what the log holds.
    @Test func limitsAreTheLogs() throws {
        #expect(WriteGuard.conditionCount == 0...IfMatch.mostTags)
        let longest = String(repeating: "~", count: 64)
        #expect(
            try find("Idempotency-Key: \(longest)")
                == .writeGuard(WriteGuard(key: Array(longest.utf8))))
    }

    @Test(arguments: [
        (["Idempotency-Key: "], "Idempotency-Key"), (["Idempotency-Key: a b"], "Idempotency-Key"),
        (["Tally-First-Index: 1"], "there is none"),
        (["Idempotency-Key: k", "Tally-First-Index: 1x"], "Tally-First-Index"),
        (["If-Match: 7"], "If-Match"),
    ])
    func whatIsWrongIsNamed(_ lines: [String], _ reason: String) throws {
        guard case .bad(let detail) = try find(lines.joined(separator: "\r\n")) else {
            Issue.record("\(lines) are taken")
            return
        }
        #expect(detail.contains(reason), "\(detail)")
    }

    /// A cluster with nodes of an earlier version says what to do.
    @Test func belowTheFeatureLevelItIsNotSupported() {
        let problem = Replica.Unavailable.unsupported.problem
        #expect(problem.status == .notImplemented && "\(problem.code)" == "not-supported")
        #expect(problem.outcome == .notApplied)
        #expect(problem.detail.contains("upgrade"))
        #expect(problem.detail.contains("wait until all voters have been connected"))
    }

    /// What a replay tells was so at the first try.
    @Test func aFailedConditionIsOfItsTime() {
        var receipt = Receipt(
            value: 60, entry: EntryID(index: LogIndex(9), term: Term(2)), lastChange: 8)
        let first = ProblemDetails.preconditionFailed(receipt)
        #expect(first.detail.hasPrefix("The last change is at index 8") && !first.isReplay)
        receipt.isReplay = true
        let again = ProblemDetails.preconditionFailed(receipt)
        #expect(again.detail.hasPrefix("At the first try the last change was at index 8"))
        #expect(again.isReplay && again.detail.hasSuffix("the value stayed 60."))
    }
}
