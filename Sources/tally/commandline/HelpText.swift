/// The texts of `--help`, made from the shapes of the commands.
enum HelpText {
    /// The text of `tally --help`.
    static var overview: String {
        """
        Tally keeps one integer on 3 or 5 nodes, the same on every node, through the death of
        any minority.

        Usage: tally COMMAND [OPTIONS]

        Run a cluster:
        \(list(CommandShape.running))

        Use a cluster:
        \(list(CommandShape.using))

        Look after its data:
        \(list(CommandShape.keeping))

        Prove it:
        \(list(CommandShape.proving))

        Other:
        \(columns([("help [COMMAND]", "explain a command, as COMMAND --help does"),
            ("version", "print the version, as --version does")]))

        TALLY_CONFIG, TALLY_URL (with commas between several) and TALLY_DATA in the environment stand
        in for --config, --url and --data where these are left out.

        To try it: run 'tally cluster', then in another terminal 'tally add 5' and 'tally status'.

        """
    }

    /// The text of `tally COMMAND --help`.
    static func explanation(of shape: CommandShape) -> String {
        var options = shape.options.compactMap { option in
            option.summary.map { summary in
                (option.usage, summary + (option.variable.map { " [\($0)]" } ?? ""))
            }
        }
        options.append(("--help", "print this text"))
        let examples = shape.examples.map { "  \($0)" }.joined(separator: "\n")
        return """
            Usage: \(shape.usage)

            \(shape.explanation)

            Options:
            \(columns(options))

            Examples:
            \(examples)

            """
    }

    private static func list(_ shapes: [CommandShape]) -> String {
        columns(
            shapes.map { shape in
                (shape.name + (shape.operand.map { " \($0)" } ?? ""), shape.summary)
            })
    }

    /// Two columns, the first as wide as its widest text and not less than the commands need.
    private static func columns(_ rows: [(String, String)]) -> String {
        let width = max(14, rows.map(\.0.count).max() ?? 0)
        return rows.map { left, right in
            "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)"
        }.joined(separator: "\n")
    }
}
