extension CommandShape {
    static let simulate = CommandShape(
        name: "simulate", summary: "run clusters on a fake clock, network and disk, under faults",
        operand: nil,
        options: [
            OptionShape("seeds", value: "N", "run that many seeds, on all cores"),
            OptionShape("first", value: "N", "the first of them (default: drawn, and printed)"),
            OptionShape("seed", value: "N", "run that seed alone"),
            OptionShape("trace", "with --seed: tell everything that happens, a line each"),
            OptionShape("nodes", value: "N", "1 to 7 nodes (default: each seed chooses)"),
            OptionShape(
                "seconds", value: "S",
                "how long the faults last, in simulated seconds (default: 60)"),
            OptionShape("gossip", "run members of the gossip instead of whole clusters"),
            OptionShape("members", value: "N", "with --gossip: 3 to 1000 members (default: 10)"),
            OptionShape(
                "slow", value: "P", "with --gossip: P of 100 members are slow (default: 0)"),
            OptionShape(
                "loss", value: "P", "with --gossip: P of 100 datagrams are lost (default: 0)"),
            OptionShape("without-lifeguard", "with --gossip: plain SWIM, to compare"),
            OptionShape("json", "print one JSON value on one line"),
            OptionShape("stride", value: "N", nil),
        ],
        explanation: """
            Each seed fixes a cluster, its clients and a mix of faults: messages lost, doubled and late,
            partitions, broken connections, processes killed and stopped, power cuts, disks wiped,
            damaged, full and failing, clocks that differ. The rules of Raft are checked after every
            step and the clients' answers against the log; then the faults stop, and first a majority,
            then the whole cluster must be well again within 20 s each. The same seed gives the same
            run, byte for byte.

            With --gossip it runs many members of the gossip, and says how long a death and some news take
            to be known everywhere, what it costs, and how often a member that is well is taken for dead.

            Exits 0 when everything held, and 1 when a seed broke a rule; it says which seed and shows
            what led there.
            """,
        examples: [
            "tally simulate --seeds 1000", "tally simulate --seed 7 --trace",
            "tally simulate --gossip --members 100 --seeds 100 --slow 10",
        ])
}
