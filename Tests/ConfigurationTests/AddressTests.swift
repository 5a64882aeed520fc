import Configuration
import Primitives
import Testing

/// Addresses by themselves, then against each other.
struct AddressTests {
    @Test(arguments: [
        "127.0.0.1:8001", "[::1]:65535", "[fe80::1:2]:1", "[::ffff:10.0.0.1]:80", "localhost:80",
        "db-1.example.com:9001", "node_1:5", "example.com.:80", "[1:2:3:4:5:6:7:8]:9", "n1:10",
    ])
    func `good addresses keep their spelling`(text: String) throws {
        let address = try HostPort(text)
        #expect(address.description == text)
        #expect(try HostPort(address.description) == address)
    }

    @Test(arguments: [
        ("", HostPortProblem.missingPort), ("host", .missingPort), ("[::1]", .missingPort),
        (":8001", .missingHost), ("host:", .badPort), ("host:0", .badPort), ("h:65536", .badPort),
        ("h:+80", .badPort), ("h:80 ", .badPort), ("h:080", .badPort), ("h:http", .badPort),
        ("::1:8001", .missingBrackets), ("http://h:80", .url), ("http://127.0.0.1:8003", .url),
        ("https://h/", .url),
        ("256.0.0.1:1", .badIPv4), ("1.2.3:1", .badIPv4), ("010.0.0.1:1", .badIPv4),
        ("0:1", .badIPv4), ("0x0:1", .badIPv4), ("1.2.3.4.5:1", .badIPv4), ("0.0x7f:1", .badIPv4),
        ("[]:1", .badIPv6), ("[1:2]:1", .badIPv6), ("[::1::]:1", .badIPv6), ("[:::]:1", .badIPv6),
        ("[fe80::1%eth0]:1", .badIPv6), ("[1:2:3:4:5:6:7:8:9]:1", .badIPv6), ("[::-1]:1", .badIPv6),
        ("[1:2:3:4:5:6:7::8]:1", .badIPv6), ("[::12345]:1", .badIPv6), ("[1.2.3.4]:1", .badIPv6),
        ("[::1:1", .badIPv6), ("[::1.2.3.4:5]:1", .badIPv6),
        ("a b:1", .badName), ("-a:1", .badName), ("a-:1", .badName), ("a..b:1", .badName),
        (".:1", .badName), ("a/b:1", .badName), ("a\r\n:1", .badName), ("é:1", .badName),
    ])
    func `bad addresses`(text: String, problem: HostPortProblem) {
        #expect(throws: problem) { try HostPort(text) }
    }

    @Test(arguments: [
        ("[::1]:80", "[0:0:0:0:0:0:0:1]:80"), ("[ABCD::]:1", "[abcd::0]:1"), ("Db:1", "dB:1"),
        ("[::ffff:1.2.3.4]:1", "[::ffff:102:304]:1"),
    ])
    func `two spellings are one address`(left: String, right: String) throws {
        #expect(try HostPort(left) == HostPort(right))
        #expect(try HostPort(left).hashValue == HostPort(right).hashValue)
    }

    @Test func `addresses know what can reach them`() throws {
        for text in ["0.0.0.0:1", "[::]:1", "[0::0]:1", "[::ffff:0.0.0.0]:1"] {
            #expect(try HostPort(text).isUnspecified)
            #expect(try !HostPort(text).isLoopback)
        }
        for text in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "a.LocalHost.:1"] {
            #expect(try HostPort(text).isLoopback)
            #expect(try !HostPort(text).isUnspecified)
        }
        for text in ["128.0.0.1:1", "[::2]:1", "local:1"] {
            #expect(try !HostPort(text).isLoopback)
        }
    }

    @Test(arguments: [
        // One node's HTTP and Raft.
        (
            "{ \"id\": \"a\", \"http\": \"h:1\", \"raft\": \"h:1\" }", "{ \"id\": \"b\" }",
            ["$.nodes[0].raft: h:1 is already $.nodes[0].http; take another port"]
        ),
        // HTTP and Raft of two nodes.
        (
            "{ \"id\": \"a\", \"http\": \"h:1\" }", "{ \"id\": \"b\", \"raft\": \"H:1\" }",
            ["$.nodes[1].raft: H:1 is already $.nodes[0].http; take another port"]
        ),
        // The gossip listens over TCP, too.
        (
            "{ \"id\": \"a\", \"http\": \"h:1\", \"gossip\": \"h:1\" }", "{ \"id\": \"b\" }",
            ["$.nodes[0].gossip: h:1 is already $.nodes[0].http; take another port"]
        ),
        (
            "{ \"id\": \"a\", \"gossip\": \"h:1\" }", "{ \"id\": \"b\", \"gossip\": \"h:1\" }",
            ["$.nodes[1].gossip: h:1 is already $.nodes[0].gossip; take another port"]
        ),
        // Containers all listen on every interface, and behind NAT on the same private address.
        (
            "{ \"id\": \"a\", \"http\": \"0.0.0.0:1\", \"advertise\": { \"http\": \"a:1\" } }",
            "{ \"id\": \"b\", \"http\": \"0.0.0.0:1\", \"advertise\": { \"http\": \"b:1\" } }", []
        ),
        (
            "{ \"id\": \"a\", \"http\": \"10.0.0.2:1\", \"advertise\": { \"http\": \"a:1\" } }",
            "{ \"id\": \"b\", \"http\": \"10.0.0.2:1\", \"advertise\": { \"http\": \"b:1\" } }", []
        ),
        (
            "{ \"id\": \"a\", \"http\": \"10.0.0.2:1\", \"advertise\": { \"http\": \"a:1\" } }",
            "{ \"id\": \"b\", \"http\": \"10.0.0.2:1\" }",
            ["$.nodes[1].http: 10.0.0.2:1 is already $.nodes[0].http; take another port"]
        ),
        // What others dial must differ.
        (
            "{ \"id\": \"a\", \"http\": \"0.0.0.0:1\", \"advertise\": { \"http\": \"a:1\" } }",
            "{ \"id\": \"b\", \"http\": \"0.0.0.0:1\", \"advertise\": { \"http\": \"a:1\" } }",
            [
                "$.nodes[1].advertise.http: a:1 is already $.nodes[0].advertise.http; take another "
                    + "port"
            ]
        ),
        // A listener on every interface takes the port of all of them.
        (
            "{ \"id\": \"a\", \"http\": \"0.0.0.0:1\", \"raft\": \"127.0.0.1:1\", "
                + "\"advertise\": { \"http\": \"a:1\" } }", "{ \"id\": \"b\" }",
            [
                "$.nodes[0].raft: 127.0.0.1:1 overlaps with 0.0.0.0:1, which is $.nodes[0].http; "
                    + "take another port"
            ]
        ),
        (
            "{ \"id\": \"a\", \"raft\": \"127.0.0.1:1\", \"gossip\": \"0.0.0.0:1\", "
                + "\"advertise\": { \"gossip\": \"a:1\" } }", "{ \"id\": \"b\" }",
            [
                "$.nodes[0].gossip: 0.0.0.0:1 overlaps with 127.0.0.1:1, which is $.nodes[0].raft; "
                    + "take another port"
            ]
        ),
        // To advertise what one listens on says nothing new.
        (
            "{ \"id\": \"a\", \"http\": \"a:1\", \"advertise\": { \"http\": \"a:1\" } }",
            "{ \"id\": \"b\" }", []
        ),
    ])
    func `addresses against each other`(left: String, right: String, lines: [String]) {
        #expect(faults(file(left, right)) == lines)
    }

    @Test func `what others are told of a node has a bound`() {
        func host(_ count: Int) -> String {
            String(repeating: "a23456789.", count: count / 10)
                + String(repeating: "b", count: count % 10)
        }
        func entry(_ http: Int, _ raft: Int, _ gossip: Int) -> String {
            file(
                "{ \"id\": \"a\", \"http\": \"\(host(http - 2)):1\", "
                    + "\"raft\": \"\(host(raft - 2)):2\", \"gossip\": \"\(host(gossip - 2)):3\" }")
        }
        #expect(faults(entry(255, 95, 100)) == [])
        #expect(
            faults(entry(255, 96, 100)) == [
                "$.nodes[0]: its addresses have 451 bytes together, more than the 450 that others can "
                    + "be told; take shorter names"
            ])
        let long = "{ \"id\": \"a\", \"gossip\": \"\(host(253)):123\" }"
        #expect(
            faults(file(long)) == [
                "$.nodes[0].gossip: has 257 bytes, more than the 255 that others can be told; take a "
                    + "shorter name"
            ])
    }

    @Test(arguments: ["0.0.0.0", "[::]"])
    func `a listener on every interface says what to dial`(host: String) {
        let listeners =
            "\"http\": \"\(host):1\", \"raft\": \"\(host):2\", \"gossip\": \"\(host):3\""
        func line(_ key: String, _ port: Int) -> String {
            "$.nodes[0].\(key): nobody can dial \(host):\(port); say under \"advertise\" what others "
                + "shall dial for \"\(key)\""
        }
        #expect(
            faults(file("{ \"id\": \"a\", \(listeners) }"))
                == [line("http", 1), line("raft", 2), line("gossip", 3)])
        let advertise = "\"advertise\": { \"http\": \"a:1\", \"gossip\": \"\(host):3\" }"
        #expect(
            faults(file("{ \"id\": \"a\", \(listeners), \(advertise) }")) == [
                "$.nodes[0].advertise.gossip: nobody can dial \(host):3; name an address of the "
                    + "machine",
                line("raft", 2),
            ])
    }

    @Test func `what is advertised is what others dial`() throws {
        let entry = "{ \"id\": \"a\", \"http\": \"h:1\", \"raft\": \"h:2\", \"gossip\": \"h:3\", "
        let text = file(entry + "\"advertise\": { \"raft\": \"out:2\" } }")
        let configuration = try #require(ConfigurationCheck(bytes: Array(text.utf8)).configuration)
        let node = configuration.nodes[0]
        #expect(node.advertisedHTTP?.description == "h:1")
        #expect(node.advertisedRaft?.description == "out:2")
        #expect(node.advertisedGossip?.description == "h:3")
        #expect(node.addresses.raft?.description == "h:2")
    }
}
