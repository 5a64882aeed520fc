extension CommandShape {
    /// The commands that run a cluster.
    static let running = [cluster, serve, check]

    /// The commands that use a cluster.
    static let using = [get, set, add, status, members, transfer]

    /// The commands that look at what a node has on its disk.
    static let keeping = [backup, restore, log]

    /// The commands that put the design to the proof.
    static let proving = [simulate, contrast]

    /// All commands, in the order of the help.
    static let all = running + using + keeping + proving

    /// The options that say where the cluster is.
    static let target = [
        OptionShape(
            "config", value: "FILE", variable: "TALLY_CONFIG",
            "the cluster's config file, for the addresses"),
        OptionShape(
            "url", value: "URL", isRepeatable: true, variable: "TALLY_URL",
            "a node, such as http://127.0.0.1:8001; repeat it to name several"),
    ]

    /// How long a command may take.
    static func timeout(_ summary: String) -> OptionShape {
        OptionShape("timeout", value: "S", summary)
    }

    /// What get, set and add have in common.
    private static let asking = [
        timeout("give up after S seconds, such as 2 or 0.5 (default: 10)"),
        OptionShape("json", "print one JSON value on one line"),
    ]

    /// What `--json` of get, set and add prints.
    private static let jsonAnswer = """
        With --json it prints {"value":12,"index":7,"term":2,"replayed":false}: the value and the place
        in the log that it comes from. Where there is none it prints {"outcome":…,"detail":…}, and
        "code" where the cluster refused; the outcome is not-applied or unknown.
        """

    /// How nodes write their logs.
    private static let logFormat = OptionShape(
        "log-format", value: "text|json", "how the log is written (default: text)")

    /// What holds for every command that talks to a cluster.
    static let whereItLooks = """
        Without --config and --url, and TALLY_URL and TALLY_CONFIG in the environment, it looks for the
        cluster of 'tally cluster' on this machine. An option wins, and TALLY_URL before TALLY_CONFIG.
        """

    /// What the commands that change the value have in common.
    private static let writing = """
        Finds the leader by itself and prints the new value. N is digits, with a minus before them
        where it is negative, from \(Int64.min) to \(Int64.max).
        \(whereItLooks)

        Where an answer is lost, or nobody leads, it sends the write again until --timeout, under the
        same Idempotency-Key: it takes effect once. With --json "replayed" is true where the answer
        that came is that of an earlier try.

        \(jsonAnswer)

        Exits 0 when done, 1 when the cluster refuses, as a sum that would overflow or an index that is
        not that of the last change, 69 when no node answers, and 75 when the write was not applied or
        its outcome is unknown; the text says which.
        """

    static let cluster = CommandShape(
        name: "cluster", summary: "start all nodes of a cluster on this machine", operand: nil,
        options: [
            OptionShape(
                "config", value: "FILE", variable: "TALLY_CONFIG", "the cluster's config file"),
            OptionShape("nodes", value: "3|5", "the size where there is no file (default: 3)"),
            OptionShape(
                "data", value: "DIR", variable: "TALLY_DATA",
                "where the nodes' files lie (default: tally-data/CLUSTER)"),
            logFormat,
        ],
        explanation: """
            Starts each node as a process of its own, reports who leads, and watches over them. Without
            a file it runs a cluster on loopback: n1 answers HTTP on 127.0.0.1:8001, n2 on 8002, and
            so on. The log of node ID goes to DIR/ID.log.

            On a terminal, k and Enter kills the leader, r and Enter starts dead nodes again. Ctrl-C
            stops all nodes, those too that somebody else has started in DIR in the place of a dead
            one: it says which these are, and k may kill them.

            Exits 0 when stopped; where all nodes have ended, as the first of them did, see
            'tally serve --help'.
            """,
        examples: ["tally cluster", "tally cluster --nodes 5", "tally cluster --config my.json"])

    static let serve = CommandShape(
        name: "serve", summary: "run one node in the foreground", operand: nil,
        options: [
            OptionShape(
                "config", value: "FILE", isRequired: true, variable: "TALLY_CONFIG",
                "the cluster's config file"),
            OptionShape("node", value: "ID", isRequired: true, "which node of the file to run"),
            OptionShape(
                "data", value: "DIR", variable: "TALLY_DATA",
                "the node's files live in DIR/ID (default: tally-data/CLUSTER)"),
            logFormat,
            OptionShape("supervised", nil),
        ],
        explanation: """
            Runs until SIGTERM, SIGINT or SIGHUP. The log goes to standard error.

            Exits 0 when stopped, 65 on damaged data, 71 when an address can't be listened on, 74 on
            a disk error or when the directory is in use, and 78 when the file or the identity of
            the directory is wrong.
            """,
        examples: ["tally serve --config cluster.example.json --node n1"])

    static let check = CommandShape(
        name: "check", summary: "say what is wrong with a config file", operand: "FILE",
        options: [],
        explanation: """
            Prints one line for each fault, with its JSON path and what to do, or ok. Warnings start
            with 'warning: ' and are no faults. FILE may be - for standard input. Exits 0 without a
            fault and 78 with one.
            """,
        examples: ["tally check cluster.example.json", "tally check -"])

    static let get = CommandShape(
        name: "get", summary: "print the value", operand: nil,
        options: target + [
            OptionShape("stale", "take the first node's own value at once, though it may be old")
        ] + asking,
        explanation: """
            Prints the value as of now: every write that was acknowledged before is in it.
            \(whereItLooks)

            \(jsonAnswer)

            Exits 0 with the value, 69 when no node answers, 75 when no node can read it now.
            """,
        examples: ["tally get", "tally get --stale", "tally get --url http://127.0.0.1:8002"])

    static let set = CommandShape(
        name: "set", summary: "set the value to N", operand: "N",
        options: target + [
            OptionShape("if-index", value: "I", "only if the last change is the one at index I")
        ] + asking,
        explanation: """
            Sets the value to N, whatever it was; or, with --if-index, only if the last set or add that
            took effect has the index I. A set or an add prints its index with --json, and GET /get has
            it in its ETag.

            """ + writing,
        examples: [
            "tally set 12", "tally set -3 --url http://127.0.0.1:8002", "tally set 13 --if-index 7",
        ])

    static let add = CommandShape(
        name: "add", summary: "add N to the value", operand: "N", options: target + asking,
        explanation: "Adds N to the value.\n" + writing,
        examples: ["tally add 5", "tally add -5"])

    static let transfer = CommandShape(
        name: "transfer", summary: "let another node lead", operand: nil,
        options: target + [
            OptionShape("to", value: "ID", "the voter that is to lead (default: any other)")
        ] + asking,
        explanation: """
            Hands the leadership to another voter within milliseconds: the leader takes no new writes
            until the other has its whole log, and those that come meanwhile are sent on. A node that is
            stopped does the same by itself. Prints who leads which term.
            \(whereItLooks)

            With --json it prints {"leader":"n2","term":5}, or {"outcome":…,"detail":…}.

            Exits 0 when the other leads, 1 when the node is no voter, 69 when no node answers, and 75
            when leadership did not move in time.
            """,
        examples: ["tally transfer", "tally transfer --to n2"])

    static let status = CommandShape(
        name: "status", summary: "show all nodes: role, term, leader, value, lag", operand: nil,
        options: target + [
            OptionShape("watch", "show it again and again, until Ctrl-C"),
            OptionShape("json", "print one JSON value on one line instead of the table"),
            OptionShape("check", "print one line, and exit as the cluster's health is"),
            timeout("wait S seconds for each node (default: 1)"),
        ],
        explanation: """
            Asks every node and prints a table. A node that does not answer is a row, not an error.
            LAG is how many committed entries the node's value is behind. Without a majority a line
            says so, and who is missing. A narrow terminal, or COLUMNS, drops columns.
            \(whereItLooks)

            Exits 0, or 69 when no node answers at all. With --check it exits 0 where all nodes follow
            one leader, 75 where a minority is away, and 69 where no majority answers or nobody leads.
            """,
        examples: ["tally status", "tally status --watch", "tally status --check"])

    static let members = CommandShape(
        name: "members", summary: "show who is there: state, addresses, part in the quorum",
        operand: nil,
        options: target + [
            OptionShape("watch", "show it again and again, until Ctrl-C"),
            OptionShape("json", "print one JSON value on one line instead of the table"),
        ],
        explanation: """
            Prints what the gossip of the first node that answers knows of each node: alive, suspect,
            dead, left or unknown, for how many seconds, and its addresses. ROLE is its part in the
            quorum, as Raft has it: no gossip changes that.
            \(whereItLooks)

            Exits 0, or 69 when no node answers.
            """,
        examples: [
            "tally members", "tally members --watch",
            "tally members --json --url http://127.0.0.1:8002",
        ])
}
