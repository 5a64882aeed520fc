import ClusterHarness
import Posix
import Primitives
import Testing

/// `tally contrast` from outside.
struct ContrastTests {
    @Test func `a seed says the same in two processes, in the contract's form`() throws {
        let arguments = ["contrast", "--seed", "7", "--json"]
        let first = try TallyRun(arguments, within: .milliseconds(60_000))
        let second = try TallyRun(arguments, within: .milliseconds(60_000))
        #expect(first.code == 0)
        #expect(first.error.isEmpty)
        #expect(first.output == second.output)
        #expect(first.output.split(separator: "\n").count == 1)
        var rest = first.output[...]
        for script in ["none", "writers", "partition", "crash", "slow-link"] {
            var keys = ["{\"script\":\"\(script)\",\"seed\":7,\"gossip\":{\"acknowledged\":"]
            for design in ["raft", nil] as [String?] {
                keys += [
                    ",\"surviving\":", ",\"lost\":", ",\"values\":[", "],\"staleReads\":",
                    ",\"agreementMilliseconds\":", ",\"answeredDuringFault\":",
                ]
                if let design { keys.append("},\"\(design)\":{\"acknowledged\":") }
            }
            for key in keys {
                guard let range = rest.firstRange(of: key) else {
                    Issue.record("\(script): \(key) is missing or out of its order")
                    return
                }
                rest = rest[range.upperBound...]
            }
        }
        #expect(rest.hasSuffix("}}]\n"))
    }

    @Test func `without a seed one is drawn and printed beside the results`() throws {
        let run = try TallyRun(["contrast", "--script", "none"], within: .milliseconds(60_000))
        #expect(run.code == 0)
        #expect(run.error.hasPrefix("seed "))
        let seed = run.error.dropFirst("seed ".count).prefix { $0 != "\n" }
        #expect(run.output.hasPrefix("none, seed \(seed): one writer, no fault\n"))
        let again = try TallyRun(
            ["contrast", "--script", "none", "--seed", String(seed)],
            within: .milliseconds(60_000))
        #expect(again.output == run.output)
    }

    @Test func `the picture goes to its file, and a file that can't be written is said`() throws {
        let path = "/tmp/tally-contrast-\(String(Entropy.uint64(), radix: 36)).svg"
        let run = try TallyRun(
            ["contrast", "--script", "crash", "--seed", "1", "--svg", path],
            within: .milliseconds(60_000))
        #expect(run.code == 0)
        let text = String(
            decoding: try FileSystem.contents(of: path, limit: 1 << 20), as: UTF8.self)
        try FileSystem.remove(path)
        #expect(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(text.hasSuffix("</svg>\n"))

        let refused = try TallyRun(
            ["contrast", "--script", "crash", "--seed", "1", "--svg", "/nowhere/a.svg"],
            within: .milliseconds(60_000))
        #expect(refused.code == 74)
        #expect(refused.output == run.output, "the results are there all the same")
        #expect(
            refused.error
                == "tally contrast: can't write \"/nowhere/a.svg\": No such file or directory\n")
    }
}
