import Configuration
import Primitives
import Testing

/// The addresses of a file against each other.
struct AddressTests {
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
