import Client
import Configuration
import Primitives
import Testing

@testable import tally

/// What `tally status` prints, and what the commands say of an answer.
struct StatusTableTests {
    private let addresses = ClusterConfiguration.builtIn(nodes: 3)

    private func reports() throws -> ([NodeReport], KnownNodes) {
        let known = KnownNodes(addresses)
        let leader = NodeStatus(
            node: "n1", role: "leader", term: 12, leader: "n1", commit: 1005, applied: 1005,
            value: -42)
        let newborn = NodeStatus(
            node: "n3", role: "newborn", term: 0, leader: nil, commit: 0, applied: 0, value: 0)
        let document = try #require(JSONValue(bytes: Array("{\"node\": \"n1\",\n \"x\":[1]}".utf8)))
        return (
            [
                NodeReport(
                    address: known.addresses[0], result: .answered(leader, document: document)),
                NodeReport(address: known.addresses[1], result: .silent("Connection \"refused\"")),
                NodeReport(
                    address: known.addresses[2], result: .answered(newborn, document: .null)),
            ], known
        )
    }

    @Test func `a table has a row for every node, and numbers end in line`() throws {
        let (reports, known) = try reports()
        #expect(
            StatusTable.text(reports, known) == """
                NODE  ROLE         TERM  LEADER  COMMIT  APPLIED  VALUE   LAG
                n1    leader         12  n1        1005     1005    -42     0
                n2    unreachable     -  -            -        -      -     -
                n3    newborn         0  -            0        0      0  1005

                """)
        // A narrow terminal keeps what matters most.
        #expect(
            StatusTable.text(reports, known, width: 40) == """
                NODE  ROLE         LEADER  VALUE   LAG
                n1    leader       n1        -42     0
                n2    unreachable  -           -     -
                n3    newborn      -           0  1005

                """)
    }

    /// What three nodes say: of each name its role, or nothing where it does not answer.
    private func report(
        _ roles: [String?], leader: String? = "n1", terms: [UInt64] = [5, 5, 5]
    ) throws -> (ClusterReport, [NodeReport], KnownNodes) {
        let known = KnownNodes(addresses)
        let reports = zip(known.nodes, zip(roles, terms)).map { node, said in
            guard let role = said.0, let id = node.id else {
                return NodeReport(address: node.address, result: .silent("gone"))
            }
            let status = NodeStatus(
                node: "\(id)", role: role, term: said.1, leader: leader, commit: 7, applied: 7,
                value: 1, voters: ["n1", "n2", "n3"])
            return NodeReport(address: node.address, result: .answered(status, document: .null))
        }
        return (ClusterReport(reports, expected: known.voters), reports, known)
    }

    @Test func `a lost majority is a sentence below the table`() throws {
        let (_, reports, known) = try report(["follower", nil, nil])
        #expect(
            StatusTable.text(reports, known).split(separator: "\n").last
                == "no majority: 1 of 3 nodes answers (n2, n3 do not); 2 are needed")
        let (_, well, _) = try report(["leader", "follower", nil])
        #expect(!StatusTable.text(well, known).contains("majority"))
    }

    @Test func `voters that were not asked are not called silent`() throws {
        let (_, reports, _) = try report(["follower", nil, nil])
        #expect(ClusterReport([reports[0]], expected: []).majority == nil)
        #expect(ClusterReport(reports, expected: []).majority?.silent.count == 2)
    }

    @Test func `a check has a line and a code`() throws {
        func verdict(
            _ roles: [String?], leader: String? = "n1", terms: [UInt64] = [5, 5, 5]
        ) throws -> HealthVerdict {
            HealthVerdict(try report(roles, leader: leader, terms: terms).0)
        }
        let well = try verdict(["leader", "follower", "follower"])
        #expect(well.code == .fine)
        #expect(well.text == "ok: n1 leads in term 5, 3 of 3 nodes answer")
        #expect(
            well.json == #"{"health":"ok","detail":"ok: n1 leads in term 5, 3 of 3 nodes answer"}"#)
        let away = try verdict(["leader", nil, "follower"])
        #expect(away.code == .tryAgain)
        #expect(
            away.text == "degraded: n1 leads in term 5, 2 of 3 nodes answer; n2 does not")
        let astray = try verdict(["leader", "follower", "follower"], terms: [5, 5, 4])
        #expect(astray.code == .tryAgain)
        #expect(
            astray.text
                == "degraded: n1 leads in term 5, 3 of 3 nodes answer; n3 does not follow it")
        let lost = try verdict([nil, "candidate", nil], leader: nil)
        #expect(lost.code == .unreachable)
        #expect(
            lost.text == "no majority: 1 of 3 nodes answers (n1, n3 do not); 2 are needed")
        let leaderless = try verdict(["follower", "follower", nil], leader: nil)
        #expect(leaderless.code == .unreachable)
        #expect(
            leaderless.text == "no leader: 2 of 3 nodes answer, and none of them leads")
        #expect(try verdict([nil, nil, nil]).code == .unreachable)
        #expect(try verdict(["newborn", nil, nil], leader: nil).text == "the cluster is forming")
    }

    @Test func `JSON of a command is the node's document, or what became of it`() {
        let document = JSONValue(bytes: Array(#"{"value":5, "index":7}"#.utf8))
        let command = ValueCommand.add(1)
        #expect(command.json(.value(5, document: document)) == #"{"value":5,"index":7}"#)
        #expect(command.json(.value(5)) == #"{"value":5}"#)
        #expect(
            command.json(.refused("w", code: "overflow"))
                == #"{"code":"overflow","outcome":"not-applied","detail":"w"}"#)
        #expect(
            command.json(.refused("w", code: "overflow", isReplay: true))
                == #"{"code":"overflow","outcome":"not-applied","detail":"w","replayed":true}"#)
        #expect(command.json(.unknown("w")) == #"{"outcome":"unknown","detail":"w"}"#)
        #expect(command.json(.notApplied("w")) == #"{"outcome":"not-applied","detail":"w"}"#)
    }

    @Test func `a node whose gossip is degraded is named below the table`() throws {
        let address = try Address("h:1")
        var status = NodeStatus(
            node: "n1", role: "leader", term: 1, leader: "n1", commit: 1, applied: 1, value: 0)
        status.isGossipDegraded = true
        let text = StatusTable.text(
            [NodeReport(address: address, result: .answered(status, document: .null))],
            KnownNodes(nodes: [KnownNode(id: nil, address: address)]))
        #expect(
            text.split(separator: "\n").last == "n1: its gossip is degraded; its log says why")
    }

    @Test func `a node whose disk is full is named below the table`() throws {
        let address = try Address("h:1")
        var status = NodeStatus(
            node: "n2", role: "follower", term: 1, leader: "n1", commit: 1, applied: 1, value: 0)
        status.isDiskFull = true
        let text = StatusTable.text(
            [NodeReport(address: address, result: .answered(status, document: .null))],
            KnownNodes(nodes: [KnownNode(id: nil, address: address)]))
        #expect(
            text.split(separator: "\n").last
                == "n2: its disk is full; it takes no writes until there is room")
    }

    @Test func `members are a table`() {
        let known = MemberStatus(
            node: "n1", http: "127.0.0.1:8001", raft: "127.0.0.1:9001", gossip: "127.0.0.1:7001",
            state: "alive", incarnation: 12, sinceMilliseconds: 61_999, role: "voter")
        let unknown = MemberStatus(
            node: "n2", http: nil, raft: nil, gossip: nil, state: nil, incarnation: nil,
            sinceMilliseconds: nil, role: "voter")
        #expect(
            MembersTable.text([known, unknown]) == """
                NODE  ROLE   STATE    SECONDS  INCARNATION  HTTP            RAFT            GOSSIP
                n1    voter  alive         61           12  127.0.0.1:8001  127.0.0.1:9001  127.0.0.1:7001
                n2    voter  unknown        -            -  -               -               -

                """)
    }

    @Test func `a node without a name is called by its address`() throws {
        let address = try Address("[::1]:8001")
        let text = StatusTable.text(
            [NodeReport(address: address, result: .silent("no"))],
            KnownNodes(nodes: [KnownNode(id: nil, address: address)]))
        #expect(text.split(separator: "\n")[1].hasPrefix("[::1]:8001  unreachable  "))
    }

    @Test func `JSON is one line of the nodes' own words`() throws {
        let (reports, _) = try reports()
        #expect(
            StatusTable.json(reports) == #"[{"node":"n1","x":[1]},"#
                + #"{"url":"http://127.0.0.1:8002","error":"Connection \"refused\""},null]"#)
    }

    @Test func `targets become nodes`() throws {
        let known = try #require(Target.builtIn.nodes(command: "get"))
        #expect(
            known.addresses.map(\.description) == [
                "127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003",
            ])
        #expect(known.nodes.map { $0.id?.description } == ["n1", "n2", "n3"])
        let address = try Address("h:1")
        #expect(
            Target.addresses([address]).nodes(command: "get")
                == KnownNodes(nodes: [KnownNode(id: nil, address: address)]))
    }

    @Test func `a slow cluster gets more timeouts than its nodes need`() {
        var slow = addresses
        slow.timing.request = .milliseconds(30_000)
        #expect(KnownNodes(slow).timeouts.response > .milliseconds(30_000))
        #expect(KnownNodes(slow).timeouts.overall > .milliseconds(30_000))
        #expect(KnownNodes(addresses).timeouts == CallTimeouts())
    }

    @Test(arguments: [
        (Answer.value(5), ExitCode.fine, "5"), (.refused("w"), .refused, "refused: w"),
        (.notApplied("w"), .tryAgain, "not applied, try again: w"),
        (
            .unknown("w"), .tryAgain,
            "unknown: the write may have been applied or not; look with 'tally get' before you "
                + "repeat it (w)"
        ),
        (.unreachable("w"), .unreachable, "no node answers: w"),
    ])
    func `answers have codes and lines`(answer: Answer, code: ExitCode, text: String) {
        let verdict = ValueCommand.add(1).verdict(answer)
        #expect(verdict.0 == code)
        #expect(verdict.1 == text)
    }

    @Test func `a read is never called a write`() {
        let verdict = ValueCommand.get(isStale: false).verdict(.notApplied("w"))
        #expect(verdict.0 == .tryAgain)
        #expect(verdict.1 == "no node can read the value now: w")
    }
}
