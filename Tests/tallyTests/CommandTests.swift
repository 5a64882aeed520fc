import Configuration
import Primitives
import Simulation
import Testing

@testable import tally

/// Command lines and what they mean.
struct CommandTests {
    private func parse(_ line: String) throws -> Command {
        try Command(arguments: line.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("--help", Command.help(nil)), ("-h", .help(nil)), ("--version", .version),
        ("add --help", .help("add")), ("set x --no --help", .help("set")),
        ("cluster", .cluster(ClusterOptions(source: .builtIn(nodes: 3), data: nil))),
        (
            "cluster --log-format=json",
            .cluster(ClusterOptions(source: .builtIn(nodes: 3), data: nil, logFormat: .json))
        ),
        (
            "cluster --nodes 5 --data=a=b",
            .cluster(ClusterOptions(source: .builtIn(nodes: 5), data: "a=b"))
        ),
        (
            "cluster --config f.json",
            .cluster(ClusterOptions(source: .file("f.json"), data: nil))
        ),
        ("check f.json", .check(file: "f.json")), ("check -- --f", .check(file: "--f")),
        ("check -", .check(file: "-")),
        ("get", .get(isStale: false, ValueOptions(target: .builtIn))),
        ("get --stale", .get(isStale: true, ValueOptions(target: .builtIn))),
        ("set 12", .set(12, ifIndex: nil, ValueOptions(target: .builtIn))),
        ("add -5", .add(-5, ValueOptions(target: .builtIn))),
        ("add --config=f -5", .add(-5, ValueOptions(target: .file("f")))),
        ("add -- -5", .add(-5, ValueOptions(target: .builtIn))),
        ("set -0", .set(0, ifIndex: nil, ValueOptions(target: .builtIn))),
        ("set 007", .set(7, ifIndex: nil, ValueOptions(target: .builtIn))),
        ("set 9223372036854775807", .set(.max, ifIndex: nil, ValueOptions(target: .builtIn))),
        ("set -9223372036854775808", .set(.min, ifIndex: nil, ValueOptions(target: .builtIn))),
        ("set 5 --if-index 12", .set(5, ifIndex: 12, ValueOptions(target: .builtIn))),
        (
            "set --if-index=18446744073709551615 -5",
            .set(-5, ifIndex: .max, ValueOptions(target: .builtIn))
        ),
        (
            "status --watch --json",
            .status(StatusOptions(target: .builtIn, isWatching: true, isJSON: true))
        ),
        (
            "status --check --timeout 0.25",
            .status(
                StatusOptions(
                    target: .builtIn, isChecking: true, timeout: .milliseconds(250)))
        ),
        (
            "add 1 --json --timeout 2",
            .add(
                1,
                ValueOptions(target: .builtIn, timeout: .milliseconds(2_000), isJSON: true))
        ),
        ("members --watch", .members(MembersOptions(target: .builtIn, isWatching: true))),
        ("help", .help(nil)), ("help add", .help("add")), ("help --help", .help(nil)),
        ("help help", .help(nil)), ("version", .version),
        ("members", .members(MembersOptions(target: .builtIn, isJSON: false))),
        ("members --json --config f", .members(MembersOptions(target: .file("f"), isJSON: true))),
    ])
    func `good command lines`(line: String, command: Command) throws {
        #expect(try parse(line) == command)
    }

    @Test func `serve knows its node`() throws {
        let node = try #require(NodeID("n1"))
        var options = ServeOptions(config: "f", node: node, data: nil, isSupervised: false)
        #expect(try parse("serve --config f --node n1") == .serve(options))
        options.logFormat = .json
        #expect(try parse("serve --config f --log-format json --node n1") == .serve(options))
        options.logFormat = .text
        options.data = "d"
        options.isSupervised = true
        #expect(try parse("serve --supervised --data d --node=n1 --config=f") == .serve(options))
    }

    @Test func `restore knows its file and perhaps its node`() throws {
        var options = RestoreOptions(file: "b", config: "f", data: nil, node: nil)
        #expect(try parse("restore b --config f") == .restore(options))
        let node = try #require(NodeID("n2"))
        options.data = "d"
        options.node = node
        #expect(try parse("restore --data d b --node n2 --config f") == .restore(options))
        options.config = "c.json"
        #expect(
            try parse("restore b --node=n2", in: CommandTests.environment) == .restore(options))
    }

    @Test func `the gossip is simulated with options of its own`() throws {
        guard case .simulateGossip(let few) = try parse("simulate --gossip --seed 7") else {
            Issue.record("another command")
            return
        }
        #expect(few.seeds == .one(7, isTraced: false))
        #expect(few.run == GossipSimulation.Options(members: 10))
        #expect(!few.isJSON)
        let line =
            "simulate --gossip --members 1000 --seeds 5 --first 3 --slow 10 --loss 1 "
            + "--without-lifeguard --json"
        guard case .simulateGossip(let many) = try parse(line) else {
            Issue.record("another command")
            return
        }
        #expect(many.seeds == .many(5, first: 3))
        #expect(
            many.run
                == GossipSimulation.Options(
                    members: 1_000, slowPercent: 10, lossPercent: 1, hasLifeguard: false))
        #expect(many.isJSON)
    }

    @Test func `nodes are named by URL`() throws {
        let line =
            "get --url http://127.0.0.1:8001 --url HTTP://[::1]:8002/ --url h:8003 --url http://h"
        let addresses = try ["127.0.0.1:8001", "[::1]:8002", "h:8003", "h:80"].map {
            try Address($0)
        }
        #expect(
            try parse(line) == .get(isStale: false, ValueOptions(target: .addresses(addresses))))
    }

    @Test(arguments: [
        ("", "tally: no command; try tally cluster"),
        ("stats", "tally: there is no command \"stats\"; did you mean status?"),
        ("frobnicate", "tally: there is no command \"frobnicate\""),
        ("--hepl", "tally: there is no option \"--hepl\"; did you mean --help?"),
        ("get --stal", "tally get: there is no option \"--stal\"; did you mean --stale?"),
        ("get -s", "tally get: there is no option \"-s\""),
        ("get 5", "tally get: \"5\" is too much; this command takes options only"),
        ("get --stale=yes", "tally get: --stale takes no value; write it alone"),
        ("get --stale --stale", "tally get: --stale stands there twice; give it once"),
        ("get --config a --config b", "tally get: --config stands there twice; give it once"),
        (
            "get --config",
            "tally get: --config needs a value; write --config FILE"
        ),
        ("get --config=", "tally get: --config needs a value; write --config FILE"),
        ("get --config --stale", "tally get: --config needs a value; write --config FILE"),
        (
            "get --config f --url h:1",
            "tally get: --config and --url both say where; leave out one of them"
        ),
        (
            "get --url https://h:1",
            "tally get: --url \"https://h:1\" can't be used; nodes speak http:// only"
        ),
        (
            "get --url http://h:1/get",
            "tally get: --url \"http://h:1/get\" says too much; write http://HOST:PORT and nothing "
                + "after it"
        ),
        (
            "get --url http://h:0",
            "tally get: --url \"http://h:0\" has no good port; after the colon comes a number from "
                + "1 to 65535"
        ),
        (
            "get --url h",
            "tally get: --url \"h\" has no port; write HOST:PORT, such as 127.0.0.1:8001"
        ),
        ("set", "tally set: N is missing; write tally set N"),
        ("set 1 2", "tally set: \"2\" is too much; this command takes one N"),
        ("set +5", "tally set: \"+5\" is no value; write digits, such as 12 or -12"),
        ("set 5.0", "tally set: \"5.0\" is no value; write digits, such as 12 or -12"),
        ("set -", "tally set: \"-\" is no value; write digits, such as 12 or -12"),
        ("set ٣", "tally set: \"٣\" is no value; write digits, such as 12 or -12"),
        (
            "add 9223372036854775808",
            "tally add: \"9223372036854775808\" is out of range; N goes from -9223372036854775808 "
                + "to 9223372036854775807"
        ),
        ("set 5 --if-index", "tally set: --if-index needs a value; write --if-index I"),
        (
            "set 5 --if-index x",
            "tally set: --if-index \"x\" is no index; write the one of the last change, such as 12"
        ),
        (
            "set 5 --if-index 18446744073709551616",
            "tally set: --if-index \"18446744073709551616\" is no index; write the one of the last "
                + "change, such as 12"
        ),
        ("add 5 --if-index 1", "tally add: there is no option \"--if-index\""),
        ("help ad", "tally: there is no command \"ad\"; did you mean add?"),
        ("help add set", "tally: \"set\" is too much; help takes one COMMAND"),
        ("hepl", "tally: there is no command \"hepl\"; did you mean help?"),
        ("version 5", "tally: \"5\" is too much; version stands alone"),
        (
            "get --timeout x",
            "tally get: --timeout \"x\" is no time; write seconds, such as 2 or 0.5"
        ),
        (
            "get --timeout 0",
            "tally get: --timeout \"0\" is no time; write seconds, such as 2 or 0.5"
        ),
        (
            "status --check --watch",
            "tally status: --check looks once, and --watch does not; leave out one of them"
        ),
        ("check", "tally check: FILE is missing; write tally check FILE"),
        (
            "simulate --gossip --seed 1 --members 2",
            "tally simulate: --members \"2\" is not possible; take 3 to 1000"
        ),
        (
            "simulate --gossip --seed 1 --slow 91",
            "tally simulate: --slow \"91\" is not possible; take 0 to 90"
        ),
        (
            "simulate --gossip --seed 1 --nodes 3",
            "tally simulate: --nodes does not go with --gossip"
        ),
        (
            "simulate --gossip --seed 1 --trace",
            "tally simulate: --trace does not go with --gossip"
        ),
        ("simulate --seed 1 --members 9", "tally simulate: --members goes with --gossip"),
        (
            "simulate --gossip",
            "tally simulate: say which seeds; write --seeds N, or --seed N for one"
        ),
        (
            "serve --node n1",
            "tally serve: --config is missing; write --config FILE or set TALLY_CONFIG"
        ),
        ("serve --config f", "tally serve: --node is missing; write --node ID"),
        ("restore --config f", "tally restore: FILE is missing; write tally restore FILE"),
        (
            "restore b",
            "tally restore: --config is missing; write --config FILE or set TALLY_CONFIG"
        ),
        (
            "restore b --config f --node a/b",
            "tally restore: --node \"a/b\" is no node's id; it has 1 to 32 of A-Z a-z 0-9 . _ -"
        ),
        (
            "serve --config f --node a/b",
            "tally serve: --node \"a/b\" is no node's id; it has 1 to 32 of A-Z a-z 0-9 . _ -"
        ),
        (
            "cluster --nodes 4",
            "tally cluster: --nodes \"4\" is not possible; take 3 or 5, or --config FILE"
        ),
        (
            "cluster --nodes 3 --config f",
            "tally cluster: the file says how many nodes; leave out --nodes or --config"
        ),
    ])
    func `bad command lines`(line: String, message: String) throws {
        let fault = try #require(throws: UsageFault.self) { try parse(line) }
        let name = fault.command.map { "tally \($0)" } ?? "tally"
        #expect(fault.text == "\(message)\nTry '\(name) --help'.\n")
    }

    private static let environment = [
        "TALLY_CONFIG": "c.json", "TALLY_URL": "http://h:1, h:2", "TALLY_DATA": "d",
    ]

    private func parse(_ line: String, in environment: [String: String]) throws -> Command {
        try Command(
            arguments: line.split(separator: " ").map(String.init), environment: environment)
    }

    @Test func `the environment stands in for options that are left out`() throws {
        let node = try #require(NodeID("n1"))
        let both = try ["h:1", "h:2"].map { try Address($0) }
        let all = CommandTests.environment
        #expect(
            try parse("serve --node n1", in: all)
                == .serve(
                    ServeOptions(config: "c.json", node: node, data: "d", isSupervised: false)))
        #expect(
            try parse("cluster", in: all)
                == .cluster(ClusterOptions(source: .file("c.json"), data: "d")))
        #expect(
            try parse("get", in: all)
                == .get(isStale: false, ValueOptions(target: .addresses(both))))
        #expect(
            try parse("get", in: ["TALLY_CONFIG": "c.json", "TALLY_URL": ""])
                == .get(isStale: false, ValueOptions(target: .file("c.json"))))
    }

    @Test func `an option wins over the environment`() throws {
        let all = CommandTests.environment
        let address = try Address("h:9")
        #expect(
            try parse("cluster --nodes 5 --data e", in: all)
                == .cluster(ClusterOptions(source: .builtIn(nodes: 5), data: "e")))
        #expect(
            try parse("status --config f", in: all) == .status(StatusOptions(target: .file("f"))))
        #expect(
            try parse("status --url h:9", in: all)
                == .status(StatusOptions(target: .addresses([address]))))
    }

    @Test func `a fault in the environment names its variable`() {
        let fault = #expect(throws: UsageFault.self) {
            try parse("get", in: ["TALLY_URL": "https://h:1"])
        }
        #expect(
            fault?.message == "TALLY_URL \"https://h:1\" can't be used; nodes speak http:// only")
    }

    @Test func `control characters on the line stay off the terminal`() throws {
        let fault = try #require(throws: UsageFault.self) {
            try Command(arguments: ["set", "\u{1b}[2J\n"])
        }
        #expect(
            fault.message == "\"\\u001b[2J\\u000a\" is no value; write digits, such as 12 or -12")
    }
}
