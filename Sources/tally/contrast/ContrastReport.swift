import Primitives
import Simulation

/// What `tally contrast` prints. Nothing of it depends on the machine.
enum ContrastReport {
    /// A script, for people: a row for each figure, a column for each design.
    static func text(_ comparison: Contrast.Comparison) -> String {
        let rows =
            [("", "gossip", "raft")]
            + zip(
                rows(comparison.gossip.figures, comparison.script),
                rows(comparison.raft.figures, comparison.script)
            ).map { ($0.name, $0.text, $1.text) }
        let widths = (
            rows.map(\.0.count).max() ?? 0, rows.map(\.1.count).max() ?? 0,
            rows.map(\.2.count).max() ?? 0
        )
        let heading =
            "\(comparison.script.rawValue), seed \(comparison.seed): \(comparison.script.summary)\n"
        return heading
            + rows.map { name, gossip, raft in
                name + spaces(widths.0 - name.count) + "  " + spaces(widths.1 - gossip.count)
                    + gossip + "  " + spaces(widths.2 - raft.count) + raft + "\n"
            }.joined()
    }

    private static func rows(
        _ figures: Contrast.Figures, _ script: Contrast.Script
    ) -> [(name: String, text: String)] {
        var rows = [
            ("adds acknowledged", "\(figures.acknowledged)"),
            ("  left in the end", "\(figures.surviving)"),
            ("  lost", "\(figures.lost)"),
            ("adds of unknown outcome", "\(figures.unknown)"),
            ("values in the end", values(figures.values)),
            ("stale reads", "\(figures.staleReads) of \(figures.reads.answered)"),
            ("until all agree", figures.agreement.map { "\($0.wholeMilliseconds) ms" } ?? "never"),
            (
                script.faultTime == nil ? "answered" : "answered during the fault",
                share(figures.duringFault)
            ),
        ]
        if let minority = figures.inMinority {
            rows.append(("  on the smaller side", share(minority)))
        }
        rows += [
            ("an add takes, median", time(figures.addMedian)),
            ("a read takes, median", time(figures.readMedian)),
            ("messages between nodes", "\(figures.messagesInSecond) a second"),
        ]
        return rows
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func share(_ share: Contrast.Figures.Share) -> String {
        "\(share.answered) of \(share.asked)"
    }

    /// The one value, or each with how many nodes hold it.
    static func values(_ values: [Int64]) -> String {
        let distinct = Set(values).sorted()
        guard distinct.count > 1 else { return distinct.first.map { "\($0)" } ?? "-" }
        return distinct.map { value in
            let count = values.count { $0 == value }
            return "\(value) on \(count)"
        }.joined(separator: ", ")
    }

    /// Milliseconds with two decimals.
    private static func time(_ span: Timespan?) -> String {
        guard let span else { return "-" }
        let hundredths = span.nanoseconds / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
    }

    /// All scripts, as JSON.
    static func json(_ comparisons: [Contrast.Comparison]) -> String {
        let documents = comparisons.map { comparison in
            "{\"script\":\"\(comparison.script.rawValue)\",\"seed\":\(comparison.seed),"
                + "\"gossip\":\(json(comparison.gossip.figures)),"
                + "\"raft\":\(json(comparison.raft.figures))}"
        }
        return "[\(documents.joined(separator: ","))]"
    }

    private static func json(_ figures: Contrast.Figures) -> String {
        let values = figures.values.map { "\($0)" }.joined(separator: ",")
        let agreement = figures.agreement.map { "\($0.wholeMilliseconds)" } ?? "null"
        return "{\"acknowledged\":\(figures.acknowledged),\"surviving\":\(figures.surviving),"
            + "\"lost\":\(figures.lost),\"values\":[\(values)],"
            + "\"staleReads\":\(figures.staleReads),\"agreementMilliseconds\":\(agreement),"
            + "\"answeredDuringFault\":\(figures.duringFault.answered)}"
    }
}
