import Configuration
import Testing

@testable import tally

/// The texts of `--help`, and the report of `tally check`.
struct HelpTests {
    @Test func `every command is in the overview and explains itself`() {
        for shape in CommandShape.all {
            #expect(HelpText.overview.contains("  \(shape.name) "))
            let text = HelpText.explanation(of: shape)
            #expect(text.hasPrefix("Usage: tally \(shape.name)"))
            for option in shape.options where option.summary != nil {
                #expect(text.contains("  \(option.usage) "))
            }
        }
    }

    @Test func `the examples of the help are good command lines`() throws {
        for shape in CommandShape.all {
            for example in shape.examples {
                let words = example.split(separator: " ").map(String.init)
                #expect(words.first == "tally")
                _ = try Command(arguments: Array(words.dropFirst()))
            }
        }
    }

    @Test func `the help fits a terminal and hides what is not for users`() {
        let texts = [HelpText.overview] + CommandShape.all.map(HelpText.explanation)
        for text in texts {
            #expect(text.hasSuffix("\n"))
            #expect(!text.contains("supervised"))
            for line in text.split(separator: "\n") where !line.hasPrefix("Usage:") {
                #expect(line.count <= 100)
            }
        }
    }

    @Test func `the usage says what is optional and what repeats`() {
        #expect(
            CommandShape.serve.usage
                == "tally serve --config FILE --node ID [--data DIR] [--log-format text|json]")
        #expect(
            CommandShape.add.usage
                == "tally add N [--config FILE] [--url URL…] [--timeout S] [--json]")
        #expect(
            CommandShape.cluster.usage
                == "tally cluster [--config FILE] [--nodes 3|5] [--data DIR] [--log-format text|json]"
        )
    }

    @Test func `the help names the variables that stand in for options`() {
        let serve = HelpText.explanation(of: .serve)
        #expect(serve.contains("the cluster's config file [TALLY_CONFIG]\n"))
        #expect(serve.contains("[TALLY_DATA]\n"))
        #expect(HelpText.explanation(of: .get).contains("[TALLY_URL]\n"))
        for variable in ["TALLY_CONFIG", "TALLY_URL", "TALLY_DATA"] {
            #expect(HelpText.overview.contains(variable))
        }
    }

    @Test func `check reports faults, warnings, or ok`() {
        func report(_ text: String) -> [String] {
            CheckCommand.report(of: ConfigurationCheck(bytes: Array(text.utf8)))
        }
        let text = ClusterConfiguration.builtIn(nodes: 3).jsonText
        #expect(report(text) == ["ok"])
        #expect(
            report("{") == ["$: line 1, column 2: the text ends where a key in quotes should come"])
        let two = """
            { "cluster": "c", "nodes": [ { "id": "b" },
              { "id": "a", "http": "h:1", "raft": "h:2", "gossip": "h:3" } ] }
            """
        #expect(
            report(two) == [
                "warning: $.nodes: 2 founding voters survive no more failures than 1 would; take an odd "
                    + "number", "ok",
            ])
    }
}
