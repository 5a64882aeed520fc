extension CommandShape {
    static let backup = CommandShape(
        name: "backup", summary: "save the cluster's state as a file", operand: "FILE",
        options: target + [
            timeout("give up after S seconds (default: 60)"),
            OptionShape("from", value: "DIR/ID", "read a node's directory instead of asking nodes"),
            OptionShape("force", "replace FILE where it is there"),
        ],
        explanation: """
            Asks any node for the state: every write that was acknowledged before is in it, with the value
            and the idempotency keys. What comes is checked, and only then written, synced and given its
            name. FILE may be - for standard output. Prints what it holds.
            \(whereItLooks)

            With --from it reads the directory of a node that is stopped, for when the majority is lost:
            the state at the last entry that the node knew committed. It says how many later entries are of
            unknown fate. The directory stays as it is.

            Exits 0 when saved, 64 where FILE is there, 65 on damaged data, 69 when no node answers, 74
            when FILE can't be written, 75 when no node can give it out now, and 78 where DIR/ID is no
            node's or holds nothing.
            """,
        examples: [
            "tally backup monday.tally", "tally backup - --url http://127.0.0.1:8002",
            "tally backup saved.tally --from tally-data/example/n1",
        ])
}
