import Primitives
import Testing

@testable import Server

private let minute = LineAccount.interval

/// Lines that repeat are counted, and nobody's flood crowds out another's lines.
@Suite struct LineLimiterTests {
    private var limiter = LineLimiter()
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func stranger(_ subject: String) -> LogLine {
        LogLine(
            level: .warning, event: .stranger, message: "hello from \(subject)", origin: .stranger,
            subject: subject)
    }

    private func slowSync(_ milliseconds: Int) -> LogLine {
        .slowSync(.milliseconds(milliseconds), limit: .milliseconds(75))
    }

    @Test mutating func aComplaintComesOnceAMinuteWithItsCount() {
        var admitted: [Bool] = []
        for count in 0..<40 {
            admitted.append(
                limiter.admit(slowSync(100 + count), at: start + .milliseconds(count)))
        }
        #expect(admitted == [true] + Array(repeating: false, count: 39))
        #expect(limiter.deadline == start + minute)
        var due = limiter.due(at: start + .milliseconds(59_999))
        #expect(due.isEmpty)
        due = limiter.due(at: start + minute)
        #expect(due.count == 1)
        #expect(due.first?.message.hasPrefix("a sync took 139 ms") == true, "the newest")
        #expect(due.first?.message.hasSuffix("(39 more times)") == true)
        #expect(due.first?.fields.last == .number("repeated", 39))
        // The second minute begins with the count, not with a line.
        let again = limiter.admit(slowSync(1), at: start + minute + .milliseconds(1))
        #expect(!again)
        due = limiter.due(at: start + minute * 2)
        #expect(due.first?.message.hasSuffix("(once more)") == true)
        // A minute without one, and it is news again.
        due = limiter.due(at: start + minute * 3)
        #expect(due.isEmpty && limiter.deadline == .never)
        let news = limiter.admit(slowSync(1), at: start + minute * 3)
        #expect(news)
    }

    @Test mutating func anotherPeerOrCauseIsAnotherLine() {
        let lines: [LogLine] = [
            .lookUpFailed(node("n2"), at: "a:1", "no such name", from: .node),
            .lookUpFailed(node("n3"), at: "a:1", "no such name", from: .node),
            .lookUpFailed(node("n2"), at: "a:1", "timed out", from: .node), slowSync(100),
        ]
        // One after the other, again and again: none is the same as the last.
        var admitted = 0
        for _ in 0..<25 {
            for line in lines where limiter.admit(line, at: start) { admitted += 1 }
        }
        #expect(admitted == 4)
        let due = limiter.due(at: start + minute)
        #expect(due.count == 4 && due.allSatisfy { $0.message.hasSuffix("(24 more times)") })
    }

    @Test mutating func changesComeOneByOneUntilTheyAreTooMany() {
        var admitted = 0
        for _ in 0..<50 { if limiter.admit(.linked(node("n2")), at: start) { admitted += 1 } }
        #expect(admitted == LogLine.change)
        let due = limiter.due(at: start + minute)
        #expect(due.first?.fields.last == .number("repeated", 50 - LogLine.change))
    }

    @Test mutating func aForgerOfSubjectsCrowdsOutNobody() {
        var admitted = 0
        for number in 0..<10_000 {
            let now = start + .microseconds(number)
            if limiter.admit(stranger("x\(number)"), at: now) { admitted += 1 }
        }
        #expect(admitted == LineAccount.budget(of: .stranger))
        let own = limiter.admit(.stopping(cause: "a signal"), at: start + .milliseconds(100))
        let gossip = limiter.admit(.gossipAlone(true), at: start + .milliseconds(100))
        #expect(own && gossip)
        var told = 0
        for second in 60...62 {
            told += limiter.due(at: start + .milliseconds(second * 1_000)).count
        }
        #expect((1...5).contains(told), "\(told) lines for 10,000")
        let next = limiter.admit(stranger("honest"), at: start + minute * 3)
        #expect(next)
    }

    @Test mutating func lineByLineNothingIsUncounted() {
        let total = 3_000
        var lines: [LogLine] = []
        for number in 0..<total {
            let now = start + .milliseconds(number * 57)
            lines += limiter.due(at: now)
            let line = stranger("x\(number % 200)")
            if limiter.admit(line, at: now) { lines.append(line) }
        }
        lines += limiter.drain()
        var counted = 0
        for line in lines {
            var isCount = false
            for field in line.fields {
                guard case .number(let number) = field.value else { continue }
                if field.name == "repeated" || field.name == "lines" {
                    counted += Int(number)
                    isCount = true
                }
            }
            if !isCount { counted += 1 }
        }
        #expect(counted == total)
        #expect(lines.count < 200)
        #expect(limiter.deadline == .never)
    }

    @Test mutating func theEndWritesWhatIsHeld() {
        _ = limiter.admit(slowSync(100), at: start)
        _ = limiter.admit(slowSync(120), at: start)
        let rest = limiter.drain()
        #expect(rest.count == 1 && rest.first?.message.hasSuffix("(once more)") == true)
        #expect(limiter.drain().isEmpty)
    }

    private func node(_ name: String) -> NodeID { NodeID(name)! }
}
