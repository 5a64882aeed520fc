extension CommandShape {
    static let log = CommandShape(
        name: "log", summary: "show what a node's directory holds", operand: "DIR/ID",
        options: [
            OptionShape("explain", "show every record, where it lies, and what it says"),
            OptionShape("verify", "print one line: whether all of it is whole"),
            OptionShape("from", value: "I", "begin with entry I"),
            OptionShape("json", "print one JSON value on one line"),
        ],
        explanation: """
            Reads the log and the snapshots of a node, by the rules that the node starts by, and changes
            nothing. Prints a line for each entry: its index and term, what it asks for, the value then,
            and what came of it, where that is not plain; then a line about the whole. Values are known
            from the oldest snapshot on that the log reaches back to.

            No node need run. Where one does, what it is writing just now may be missing. What is not
            known committed may have been committed all the same, or may never be.

            Exits 0, 65 where something is damaged or of a newer version, with what is there before it,
            74 where the directory can't be read, and 78 where it is none of a node's.
            """,
        examples: [
            "tally log tally-data/example/n1",
            "tally log tally-data/example/n1 --explain --from 12",
            "tally log tally-data/example/n1 --verify",
        ])
}
