extension CommandShape {
    static let contrast = CommandShape(
        name: "contrast", summary: "run a gossiped value and Tally's under the same faults",
        operand: nil,
        options: [
            OptionShape(
                "script", value: "NAME",
                "none, writers, partition, crash or slow-link (default: all of them)"),
            OptionShape("seed", value: "N", "the seed (default: drawn, and printed)"),
            OptionShape("svg", value: "FILE", "draw what every node held when"),
            OptionShape("json", "print one JSON value on one line"),
        ],
        explanation: """
            Runs two designs of one value on five simulated nodes, under the same clients and the same
            faults: one in which the value itself travels by gossip and an add is a read and a set,
            and Tally's own Raft, whose nodes agree before they answer. Prints what was acknowledged,
            what of it is left, and what was answered while the fault lasted.

            The first writer adds 1 and the second 100, so that the last two digits of a value count
            the first one's adds that are in it, and the others the second one's.

            Exits 0, 1 when a rule of Raft was broken, and 74 when FILE can't be written.
            """,
        examples: [
            "tally contrast", "tally contrast --script crash --seed 7 --svg crash.svg",
        ])
}
