import Simulation
import Testing

@testable import tally

/// What `tally contrast` takes, prints and draws.
struct ContrastTests {
    /// Each script once.
    private static let comparisons = Contrast.Script.allCases.map { Contrast.run($0, seed: 4) }

    private func parse(_ line: String) throws -> Command {
        try Command(arguments: line.split(separator: " ").map(String.init))
    }

    @Test func `good command lines`() throws {
        let all = Contrast.Script.allCases
        #expect(
            try parse("contrast")
                == .contrast(ContrastOptions(scripts: all, seed: nil, svg: nil, isJSON: false)))
        #expect(
            try parse("contrast --script slow-link --seed=18446744073709551615 --svg a --json")
                == .contrast(
                    ContrastOptions(scripts: [.slowLink], seed: .max, svg: "a", isJSON: true)))
    }

    @Test(arguments: [
        (
            "contrast --script partitoin",
            "there is no script \"partitoin\"; did you mean partition?"
        ),
        (
            "contrast --script x",
            "there is no script \"x\"; take one of none, writers, partition, crash, slow-link"
        ),
        ("contrast --seed -1", "--seed \"-1\" is no seed; take 0 to 18446744073709551615"),
        ("contrast --svg", "--svg needs a value; write --svg FILE"),
        ("contrast crash", "\"crash\" is too much; this command takes options only"),
    ])
    func `bad command lines`(line: String, message: String) throws {
        let fault = try #require(throws: UsageFault.self) { try parse(line) }
        #expect(fault.text == "tally contrast: \(message)\nTry 'tally contrast --help'.\n")
    }

    @Test func `the help names every script`() {
        let text = HelpText.explanation(of: CommandShape.contrast)
        for script in Contrast.Script.allCases { #expect(text.contains(script.rawValue)) }
    }

    @Test func `the table ends its numbers in line`() {
        for comparison in Self.comparisons {
            let script = comparison.script
            let text = ContrastReport.text(comparison)
            let lines = text.split(separator: "\n")
            #expect(lines[0] == "\(script.rawValue), seed 4: \(script.summary)")
            #expect(Set(lines.dropFirst().map(\.count)).count == 1)
            #expect(text.contains("on the smaller side") == (script == .partition))
        }
    }

    @Test func `values are one, or each with its nodes`() {
        #expect(ContrastReport.values([5, 5, 5]) == "5")
        #expect(ContrastReport.values([7, 5, 7]) == "5 on 1, 7 on 2")
        #expect(ContrastReport.values([]) == "-")
    }

    @Test func `a picture is well-formed, the same every time, and has a lane for every node`() {
        let comparisons = Self.comparisons
        let svg = ContrastDrawing.svg(comparisons)
        #expect(svg == ContrastDrawing.svg(comparisons))
        #expect(svg.utf8.allSatisfy { $0 < 0x80 })
        #expect(unclosed(svg) == [])
        #expect(svg.matches(of: /class="lane"/).count == 5 * 2 * comparisons.count)
        #expect(svg.contains("class=\"lost\"") && svg.contains("class=\"leads\""))
        let quiet = ContrastDrawing.svg(comparisons.filter { $0.script == .none })
        #expect(quiet.matches(of: /class="lost"/).count == 1, "in the legend alone")
        #expect(quiet.matches(of: /class="fault"/).count == 1, "in the legend alone")
    }

    /// The elements that are open where the text ends, or what closes none of them.
    private func unclosed(_ text: String) -> [String] {
        var open: [String] = []
        for tag in text.matches(of: /<(\/?)([a-z]+)([^<>]*?)(\/?)>/) {
            let name = String(tag.output.2)
            if tag.output.1 == "/" {
                guard open.popLast() == name else { return ["/" + name] }
            } else if tag.output.4.isEmpty {
                open.append(name)
            }
        }
        return open
    }
}
