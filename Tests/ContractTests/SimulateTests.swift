import ClusterHarness
import Primitives
import Testing

/// `tally simulate` from outside: a seed gives the same bytes in every process.
struct SimulateTests {
    @Test(arguments: ["3", "249"])
    func `a seed says the same in two processes`(seed: String) throws {
        let arguments = ["simulate", "--seed", seed, "--seconds", "5", "--json"]
        let first = try TallyRun(arguments, within: .milliseconds(60_000))
        let second = try TallyRun(arguments, within: .milliseconds(60_000))
        #expect(first.code == 0)
        #expect(first.output.contains("\"hash\":\""))
        #expect(first.output == second.output)
        #expect(!first.output.contains("realSeconds"), "it depends on the machine")
    }

    @Test func `a traced seed tells the same story in two processes`() throws {
        let arguments = ["simulate", "--seed", "7", "--seconds", "1", "--trace"]
        let first = try TallyRun(arguments, within: .milliseconds(60_000))
        let second = try TallyRun(arguments, within: .milliseconds(60_000))
        #expect(first.output.contains("n1 starts, life 1"))
        #expect(first.output == second.output)
    }

    @Test func `many seeds come to one line of JSON`() throws {
        let run = try TallyRun(
            ["simulate", "--seeds", "3", "--first", "1", "--seconds", "2", "--json"],
            within: .milliseconds(60_000))
        #expect(run.code == 0)
        #expect(run.output.split(separator: "\n").count == 1)
        #expect(run.output.hasPrefix("{\"seeds\":3,\"simulatedSeconds\":"))
        var rest = run.output[...]
        for key in ["realSeconds", "cores", "acknowledged", "faults", "violations"] {
            guard let range = rest.firstRange(of: "\"\(key)\":") else {
                Issue.record("\(key) is missing or out of its order: \(run.output)")
                return
            }
            rest = rest[range.upperBound...]
        }
        #expect(rest == "0}\n")
    }

    @Test func `a seed of the gossip says the same in two processes`() throws {
        let arguments = [
            "simulate", "--gossip", "--members", "9", "--seed", "5", "--slow", "20", "--json",
        ]
        let first = try TallyRun(arguments, within: .milliseconds(60_000))
        let second = try TallyRun(arguments, within: .milliseconds(60_000))
        #expect(first.code == 0)
        #expect(first.output == second.output)
        #expect(first.output.split(separator: "\n").count == 1)
        #expect(first.output.hasPrefix("{\"seeds\":1,\"first\":5,\"members\":9,\"slowMembers\":1,"))
        #expect(first.output.hasSuffix("\"violations\":0}\n"))
    }
}
