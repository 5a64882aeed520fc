import Configuration
import Primitives
import Testing

/// Every fault of the contract, as the line that users see.
struct FaultTests {
    @Test(arguments: [
        (
            "{}",
            [
                "$.cluster: missing; it names the cluster",
                "$.nodes: missing; it lists the nodes, as in cluster.example.json",
            ]
        ),
        (good("\"seed\": []"), ["$.seed: unknown key; did you mean \"seeds\"?"]),
        (
            good("\"colour\": 1"),
            [
                "$.colour: unknown key; known here: cluster, nodes, seeds, timing, gossip, snapshot"
            ]
        ),
        (
            file(node(1, more: ", \"htpp\": \"x\"")),
            ["$.nodes[0].htpp: unknown key; did you mean \"http\"?"]
        ),
        (
            file(node(1, more: ", \"advertise\": { \"udp\": \"h:1\" }")),
            ["$.nodes[0].advertise.udp: unknown key; known here: http, raft, gossip"]
        ),
        (
            good("\"timing\": { \"heartbeat\": 5 }"),
            [
                "$.timing.heartbeat: unknown key; known here: heartbeatMilliseconds, "
                    + "electionMilliseconds, requestMilliseconds"
            ]
        ),
        (
            good("\"gossip\": { \"profil\": \"lan\" }"),
            ["$.gossip.profil: unknown key; did you mean \"profile\"?"]
        ),
        (
            good("\"snapshot\": { \"entrys\": 5 }"),
            ["$.snapshot.entrys: unknown key; did you mean \"entries\"?"]
        ),
        (
            good("\"odd key\\n\": 5"),
            [
                "$[\"odd key\\u000a\"]: unknown key; known here: cluster, nodes, seeds, timing, "
                    + "gossip, snapshot"
            ]
        ),
        (good("\"cluster\": \"d\""), ["$.cluster: this key stands here twice; keep one"]),
        (
            file(node(1, more: ", \"i\\u0064\": \"n1\"")),
            ["$.nodes[0].id: this key stands here twice; keep one"]
        ),
    ])
    func `keys`(text: String, lines: [String]) {
        #expect(faults(text) == lines)
    }

    @Test(arguments: [
        (
            "{ \"cluster\": 5, \"nodes\": {} }",
            [
                "$.cluster: needs a text such as \"n1\", found 5",
                "$.nodes: needs a list such as [ { \"id\": \"n1\", … } ], found an object",
            ]
        ),
        (
            file("\"n1\""),
            ["$.nodes[0]: needs an object such as { \"id\": \"n1\", … }, found \"n1\""]
        ),
        (
            file("{ \"id\": null, \"http\": 8001, \"advertise\": true, \"joins\": \"yes\" }"),
            [
                "$.nodes[0].id: needs a text such as \"n1\", found null",
                "$.nodes[0].http: needs a text such as \"127.0.0.1:8001\", found 8001",
                "$.nodes[0].advertise: needs an object such as { \"http\": \"10.0.0.7:8001\" }, "
                    + "found true",
                "$.nodes[0].joins: needs true or false, found \"yes\"",
            ]
        ),
        (
            good("\"seeds\": \"h:1\", \"timing\": 1, \"gossip\": [], \"snapshot\": 2"),
            [
                "$.seeds: needs a list such as [\"127.0.0.1:7001\"], found \"h:1\"",
                "$.timing: needs an object such as { \"heartbeatMilliseconds\": 50 }, found 1",
                "$.gossip: needs an object such as { \"profile\": \"lan\" }, found a list",
                "$.snapshot: needs an object such as { \"entries\": 100000 }, found 2",
            ]
        ),
    ])
    func `types`(text: String, lines: [String]) {
        #expect(faults(text) == lines)
    }

    @Test(arguments: [
        (file("{ \"http\": \"h:1\" }"), ["$.nodes[0].id: missing; it names the node"]),
        (
            file("{ \"id\": \"a b\" }"),
            ["$.nodes[0].id: \"a b\" is no name; take 1 to 32 of A-Z a-z 0-9 . _ -"]
        ),
        (
            file("{ \"id\": \"\" }"),
            ["$.nodes[0].id: \"\" is no name; take 1 to 32 of A-Z a-z 0-9 . _ -"]
        ),
        (
            "{ \"cluster\": \"\(String(repeating: "x", count: 33))\", \"nodes\": [\(node(1))] }",
            [
                "$.cluster: \"\(String(repeating: "x", count: 33))\" is no name; take 1 to 32 of "
                    + "A-Z a-z 0-9 . _ -"
            ]
        ),
        (
            "{ \"cluster\": \"..\", \"nodes\": [{ \"id\": \".\" }] }",
            [
                "$.cluster: \"..\" can't name a directory; take another name",
                "$.nodes[0].id: \".\" can't name a directory; take another name",
            ]
        ),
        (file(), ["$.nodes: the list is empty; name the nodes, as in cluster.example.json"]),
        (
            file(node(1), node(2), "{ \"id\": \"n1\" }"),
            ["$.nodes[2].id: \"n1\" is already $.nodes[0].id; give each node its own"]
        ),
        (
            file(node(1, more: ", \"joins\": true")),
            ["$.nodes: every node has \"joins\"; at least one must found the cluster"]
        ),
        (
            "{ \"cluster\": \"c\", \"nodes\": [\((1...10).map { node($0) }.joined(separator: ","))] }",
            [
                "$.nodes: 10 founding voters are too many; at most 9, and \"joins\": true for the "
                    + "others"
            ]
        ),
    ])
    func `names and voters`(text: String, lines: [String]) {
        #expect(faults(text) == lines)
    }

    @Test(arguments: [
        (
            file("{ \"id\": \"n1\" }", "{ \"id\": \"n2\", \"joins\": true }"),
            [
                "$.nodes: no node has addresses of its own, so none can run with this file; give one "
                    + "\"http\", \"raft\" and \"gossip\", as in cluster.example.json"
            ]
        ),
        (
            file("{ \"id\": \"n1\", \"http\": \"h:1\", \"raft\": \"h:2\" }"),
            [
                "$.nodes[0].gossip: missing; no node of this file has all three addresses, so none "
                    + "can run with it"
            ]
        ),
        (
            file(node(1), elsewhere("10.0.0.2", more: ", \"joins\": true")),
            ["http", "raft", "gossip"].map { key in
                "$.nodes[0].\(key): 127.0.0.1:\(port(key, 1)) leads every machine to itself, while others "
                    + "are elsewhere (10.0.0.2:\(port(key, 0))); write an address at which they reach "
                    + "this node, or put one under \"advertise\""
            }
        ),
        (
            file(
                node(
                    1,
                    more: ", \"advertise\": { \"raft\": \"10.0.0.1:1\", "
                        + "\"gossip\": \"10.0.0.1:2\", \"http\": \"[::1]:1\" }"),
                elsewhere("10.0.0.2", more: ", \"joins\": true")),
            [
                "$.nodes[0].advertise.http: [::1]:1 leads every machine to itself, while others are "
                    + "elsewhere (10.0.0.2:8000); write an address at which they reach this node"
            ]
        ),
    ])
    func `who can run and be reached`(text: String, lines: [String]) {
        #expect(faults(text) == lines)
    }

    @Test func `a name beside loopback may be loopback, too`() {
        let text = file(node(1), elsewhere("n2.example", more: ", \"joins\": true"))
        #expect(faults(text).isEmpty)
        #expect(warnings(text).count == 3)
        #expect(
            warnings(text).first?.hasPrefix("$.nodes[0].http: 127.0.0.1:8001 leads every machine")
                == true)
        let hidden = node(
            1,
            more: ", \"advertise\": { \"http\": \"a:1\", \"raft\": \"a:2\", \"gossip\": \"a:3\" }")
        #expect(
            warnings(file(hidden, elsewhere("10.0.0.2", more: ", \"joins\": true"))).isEmpty)
    }

    @Test func `a file for clients alone is a warning`() {
        let text = file("{ \"id\": \"n1\", \"http\": \"h:1\" }")
        #expect(faults(text).isEmpty)
        #expect(
            warnings(text) == [
                "$.nodes: no node has \"raft\" and \"gossip\", so none can run with this file; it is "
                    + "good for clients alone"
            ])
    }

    @Test func `nine founding voters may be joined by others`() {
        let nodes = (1...9).map { node($0) } + [node(10, more: ", \"joins\": true")]
        let text = "{ \"cluster\": \"c\", \"nodes\": [\(nodes.joined(separator: ","))] }"
        #expect(faults(text).isEmpty)
        #expect(warnings(text).isEmpty)
    }

    @Test func `an even number of voters is a warning`() {
        let text = file(node(1), node(2), node(3), node(4))
        #expect(faults(text).isEmpty)
        #expect(
            warnings(text) == [
                "$.nodes: 4 founding voters survive no more failures than 3 would; take an odd number"
            ])
        #expect(warnings(file(node(1), node(2, more: ", \"joins\": true"))).isEmpty)
    }

    @Test func `everything that is wrong is told at once`() {
        let text = """
            { "cluster": "my cluster", "cluster": "c", "colour": 1,
              "nodes": [ { "id": "n1", "http": "127.0.0.1", "raft": "0.0.0.0:9001" },
                         { "id": "n1", "http": "127.0.0.1:0", "raft": "h:9001", "joins": 1 } ],
              "timing": { "heartbeatMilliseconds": 200, "requestMilliseconds": 0 },
              "gossip": { "profile": "fast" } }
            """
        #expect(
            faults(text) == [
                "$.cluster: this key stands here twice; keep one",
                "$.colour: unknown key; known here: cluster, nodes, seeds, timing, gossip, snapshot",
                "$.cluster: \"my cluster\" is no name; take 1 to 32 of A-Z a-z 0-9 . _ -",
                "$.nodes[0].http: \"127.0.0.1\" has no port; write HOST:PORT, such as "
                    + "127.0.0.1:8001",
                "$.nodes[0].raft: nobody can dial 0.0.0.0:9001; say under \"advertise\" what "
                    + "others shall dial for \"raft\"",
                "$.nodes[1].http: \"127.0.0.1:0\" has no good port; after the colon comes a number "
                    + "from 1 to 65535",
                "$.nodes[1].joins: needs true or false, found 1",
                "$.nodes[1].id: \"n1\" is already $.nodes[0].id; give each node its own",
                "$.timing.requestMilliseconds: needs a whole number from 1 to 3600000, found 0",
                "$.timing.heartbeatMilliseconds: two heartbeats take 400 ms and the lowest election "
                    + "timeout is 150 ms; send heartbeats at least twice as often or wait longer",
                "$.gossip.profile: \"fast\" is no profile; take one of local, lan, wan",
            ])
        #expect(ConfigurationCheck(bytes: Array(text.utf8)).configuration == nil)
    }
}

/// The port of node K's address under that key.
private func port(_ key: String, _ number: Int) -> Int {
    (key == "http" ? 8000 : key == "raft" ? 9000 : 7000) + number
}

/// The entry of a node on another host.
private func elsewhere(_ host: String, more: String = "") -> String {
    "{ \"id\": \"x\", \"http\": \"\(host):8000\", \"raft\": \"\(host):9000\", "
        + "\"gossip\": \"\(host):7000\"\(more) }"
}
