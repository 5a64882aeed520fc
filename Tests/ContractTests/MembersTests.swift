import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

extension SharedClusterTests {
    @Suite struct Members {
        @Test func everyNodeKnowsAll() throws {
            let cluster = try Shared.cluster()
            for node in cluster.ids { try cluster.waitUntil(node, is: "alive") }
            for node in cluster.ids {
                let answer = try cluster.request(.get, node, "/members")
                #expect(answer.status == 200)
                #expect(answer["Content-Type"] == "application/json")
                let members = try MemberPage(json: answer.body).members
                #expect(members.map(\.node) == cluster.ids.map { "\($0)" })
                // The contract's keys, in its order.
                let spelt = try members.map { member in
                    """
                    {"node":"\(member.node)","http":"\(try #require(member.http))",\
                    "raft":"\(try #require(member.raft))","gossip":"\(try #require(member.gossip))",\
                    "state":"alive","incarnation":\(try #require(member.incarnation)),\
                    "sinceMilliseconds":\(try #require(member.sinceMilliseconds)),"role":"voter"}
                    """
                }
                #expect(answer.text == "{\"members\":[\(spelt.joined(separator: ","))]}\n")
                for (member, id) in zip(members, cluster.ids) {
                    #expect(member.http == "\(cluster.http(id))")
                    #expect(try member.raft == "\(cluster.raft(id))")
                    #expect(try member.gossip == "\(cluster.gossip(id))")
                }
                #expect(try cluster.request(.head, node, "/members").body.isEmpty)
                #expect(try cluster.status(of: node).gossip == "ok")
            }
        }

        @Test func theCommandPrintsThem() throws {
            let cluster = try Shared.cluster()
            for node in cluster.ids { try cluster.waitUntil(node, is: "alive") }
            let table = try TallyRun(["members", "--config", cluster.configurationPath])
            #expect(table.code == 0 && table.error.isEmpty)
            let lines = table.output.split(separator: "\n")
            #expect(lines.count == 4 && lines[0].hasPrefix("NODE  ROLE   STATE"))
            for (line, id) in zip(lines.dropFirst(), cluster.ids) {
                let words = line.split(separator: " ")
                #expect(words.prefix(3) == ["\(id)", "voter", "alive"])
                #expect(
                    try words.suffix(3).map(String.init) == [
                        "\(cluster.http(id))", "\(cluster.raft(id))", "\(cluster.gossip(id))",
                    ])
            }
            let json = try TallyRun([
                "members", "--json", "--url", "http://\(cluster.http(cluster.ids[1]))",
            ])
            #expect(json.code == 0 && json.output.split(separator: "\n").count == 1)
            #expect(try MemberPage(json: Array(json.output.utf8)).members.count == 3)
        }
    }
}

/// A cluster of which little runs, or whose ports are taken.
@Suite struct DiscoveryTests {
    @Test func nobodyToAskIs69() throws {
        let cluster = try TestCluster(nodes: 3)
        let run = try TallyRun(["members", "--config", cluster.configurationPath])
        #expect(run.code == 69 && run.output.isEmpty)
        #expect(run.error.hasPrefix("tally members: no node answers: "))
    }

    /// A voter of whom the gossip knows nothing has a row, with what the file says.
    @Test func whoWasNeverHeardIsNull() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let (alone, other) = (cluster.ids[0], cluster.ids[1])
        try cluster.start(alone)
        try Waiting.until(
            "degraded gossip",
            holds: { (try? cluster.status(of: alone))?.gossip == "degraded" })
        let text = try cluster.request(.get, alone, "/members").text
        let row = """
            {"node":"\(other)","http":"\(cluster.http(other))","raft":"\(try cluster.raft(other))",\
            "gossip":"\(try cluster.gossip(other))","state":null,"incarnation":null,\
            "sinceMilliseconds":null,"role":"voter"}
            """
        #expect(text.contains(row), "\(text)")
        #expect(try cluster.state(of: alone, at: alone) == "alive")
        let status = try TallyRun(["status", "--config", cluster.configurationPath])
        #expect(status.output.hasSuffix("n1: its gossip is degraded; its log says why\n"))

        try cluster.startAllAndSettle()
        for id in cluster.ids {
            try Waiting.until(
                "\(id) to gossip", holds: { try cluster.status(of: id).gossip == "ok" })
        }
    }

    @Test func aNodeAloneIsNotDegraded() throws {
        let cluster = try TestCluster(nodes: 1)
        try cluster.startAllAndSettle()
        let id = cluster.ids[0]
        // For as long as a node of a cluster takes to find that it hears nobody.
        try Waiting.until(
            "some time", holds: { try cluster.status(of: id).uptimeMilliseconds > 2_500 })
        #expect(try cluster.status(of: id).gossip == "ok")
        #expect(try cluster.members(of: id).map(\.state) == ["alive"])
    }

    /// What holds the port: a UDP socket, a TCP listener, or both.
    @Test(arguments: [(true, false), (false, true), (true, true)])
    func aTakenGossipPortIsNotFatal(udp: Bool, tcp: Bool) throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        let address = try cluster.gossip(node)
        var socket: UDPSocket?
        var listener: TCPListener?
        if udp { socket = try UDPSocket(bindingTo: address) }
        if tcp { listener = try TCPListener(bindingTo: address) }
        try cluster.startAll()
        for id in cluster.ids { try cluster.waitUntilReady(id) }
        #expect(try cluster.status(of: node).gossip == "degraded")
        let leader = try cluster.agreedLeader()
        #expect(try cluster.request(.post, leader, "/set?value=7").text == "7\n")
        #expect(try cluster.request(.get, node, "/get").text == "7\n")
        let said = cluster.standardError(of: node)
        let line = "the gossip address \(address) can't be listened on ("
        #expect(said.split(separator: line).count == 2, "\(said)")
        #expect(said.contains("UDP: Address already in use") == udp)
        #expect(said.contains("TCP: Address already in use") == tcp)
        // What its own taken port keeps from it is not the others' fault.
        #expect(!said.contains("let UDP through"))

        _ = consume socket
        _ = consume listener
        try Waiting.until(
            "the port to be bound", holds: { try cluster.status(of: node).gossip == "ok" })
        try cluster.waitUntil(node, is: "alive")
        #expect(try cluster.terminate(node) == 0)
        #expect(try cluster.request(.get, cluster.ids[1], "/get").text == "7\n")
    }

    /// A node that can't gossip at all stops as readily as others.
    @Test func aNodeWithoutGossipEnds() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        let taken = try UDPSocket(bindingTo: cluster.gossip(node))
        try cluster.startAllAndSettle()
        #expect(try cluster.terminate(node, within: .milliseconds(5_000)) == 0)
        _ = consume taken
    }

    /// Each node knows the voters' ids, its own addresses and one seed.
    @Test(arguments: [
        (3, 0, [0, 1, 2]), (3, 0, [2, 1, 0]), (3, 1, [0, 2, 1]), (3, 2, [2, 0, 1]),
        (5, 0, [0, 1, 2, 3, 4]), (5, 2, [4, 3, 2, 1, 0]), (5, 4, [1, 3, 0, 2, 4]),
    ])
    func idsAndASeedAreEnough(nodes: Int, seed: Int, order: [Int]) throws {
        let cluster = try TestCluster(
            nodes: nodes, timing: calmTiming, knowing: .ids(seed: seed))
        for place in order {
            let id = cluster.ids[place]
            try cluster.start(id)
            // It serves pages before it knows anybody.
            try Waiting.until("\(id) to answer", holds: { (try? cluster.status(of: id)) != nil })
        }
        let leader = try cluster.startAllAndSettle()
        #expect(try cluster.request(.post, leader, "/add?value=3").text == "3\n")
        for id in cluster.ids {
            #expect(try cluster.request(.get, id, "/get").text == "3\n")
            try cluster.waitUntil(id, is: "alive")
        }
    }

    /// Names are looked up off the loop, and in either direction.
    @Test func addressesMayBeNames() throws {
        let cluster = try TestCluster(timing: calmTiming, knowing: .ids(seed: 1))
        for id in cluster.ids {
            let path = "\(cluster.root)/\(id).json"
            var text = String(
                decoding: try FileSystem.contents(of: path, limit: 1 << 16), as: UTF8.self)
            text = text.replacing("\"gossip\": \"127.0.0.1", with: "\"gossip\": \"localhost")
            text = text.replacing("[\"127.0.0.1", with: "[\"localhost")
            #expect(text.contains("\"gossip\": \"localhost") && text.contains("[\"localhost"))
            try FileSystem.replaceAtomically(path, with: Array(text.utf8))
        }
        try cluster.startAllAndSettle()
        for id in cluster.ids {
            try cluster.waitUntil(id, is: "alive")
            #expect(try cluster.status(of: id).gossip == "ok")
            for member in try cluster.members(of: id) {
                #expect(member.gossip?.hasPrefix("localhost:") == true)
            }
        }
        try cluster.send(.terminate, to: cluster.ids[2])
        try cluster.waitUntil(cluster.ids[2], is: "left")
    }

    /// What was learned is kept: without any seed that lives, the nodes find each other again.
    @Test func addressesAreKeptForTheNextStart() throws {
        let cluster = try TestCluster(timing: calmTiming, knowing: .ids(seed: 0))
        let leader = try cluster.startAllAndSettle()
        #expect(try cluster.request(.post, leader, "/set?value=5").text == "5\n")
        for id in cluster.ids { try cluster.waitUntil(id, is: "alive") }
        for id in cluster.ids { #expect(try cluster.terminate(id) == 0) }
        let others = cluster.ids.dropFirst()
        for id in others {
            let book = try FileSystem.contents(
                of: "\(cluster.directory(of: id))/addresses", limit: 1 << 16)
            let text = String(decoding: book, as: UTF8.self)
            for peer in cluster.ids where peer != id {
                let line =
                    "\(peer) \(cluster.http(peer)) \(try cluster.raft(peer)) "
                    + "\(try cluster.gossip(peer))\n"
                #expect(text.contains(line), "\(text)")
            }
        }
        for id in others { try cluster.start(id) }
        for id in others { try cluster.waitUntilReady(id) }
        #expect(try cluster.request(.get, cluster.ids[2], "/get").text == "5\n")

        // A damaged book is a line in the log.
        let damaged = cluster.ids[1]
        #expect(try cluster.terminate(damaged) == 0)
        try FileSystem.replaceAtomically(
            "\(cluster.directory(of: damaged))/addresses", with: Array("tally\n".utf8))
        try cluster.startAllAndSettle()
        #expect(cluster.standardError(of: damaged).contains("addresses is damaged"))
    }
}
