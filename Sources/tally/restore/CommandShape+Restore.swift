extension CommandShape {
    static let restore = CommandShape(
        name: "restore", summary: "make a new cluster from a backup", operand: "FILE",
        options: [
            OptionShape(
                "config", value: "FILE", isRequired: true, variable: "TALLY_CONFIG",
                "the new cluster's config file"),
            OptionShape(
                "data", value: "DIR", variable: "TALLY_DATA",
                "where the nodes' files are to lie (default: tally-data/CLUSTER)"),
            OptionShape("node", value: "ID", "prepare this node alone, on its own machine"),
        ],
        explanation: """
            Prepares the directories of all founding voters of the config file, or of the one that --node
            names: each gets a new disk and the state of the backup. Then start the nodes as usual. FILE
            may be - for standard input. The backup's nodes must not run on: this is another cluster, and
            neither knows what the other does.

            The index moves on by 2^32 and the term by one, so that no entity tag and no index of before
            means anything; the idempotency keys are dropped. All nodes must be restored from the same
            file: they refuse one that was restored from another, or from none.

            Exits 0 when done, 65 where FILE is no whole backup, 74 when a file can't be read or written,
            and 78 where the config file is wrong or a directory is there already; then it makes none.
            """,
        examples: [
            "tally restore monday.tally --config cluster.example.json --data restored",
            "tally restore monday.tally --config my.json --node n1",
        ])
}
