import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// What comes to the gossip port and is not meant well. None of it reaches the quorum.
    @Suite struct HostileGossipTests {
        private let cluster: TestCluster
        private let stranger = NodeID("n9")!

        init() throws {
            cluster = try TestCluster(timing: .steady)
            try cluster.startAllAndSettle()
            try cluster.add(3)
            try cluster.settle()
            for id in cluster.ids { try cluster.waitUntil(id, is: "alive") }
        }

        /// What must not change, whatever anybody says.
        private struct Quorum: Equatable {
            var term: UInt64
            var leader: String?
            var voters: [String]
            var value: Int64
        }

        private func quorums() throws -> [Quorum] {
            try cluster.ids.map {
                let page = try cluster.status(of: $0)
                return Quorum(
                    term: page.term, leader: page.leader, voters: page.voters, value: page.value)
            }
        }

        private func expectRoles(_ comment: Comment? = nil) throws {
            for id in cluster.ids {
                for member in try cluster.members(of: id) {
                    let isVoter = cluster.ids.contains { "\($0)" == member.node }
                    #expect(member.role == (isVoter ? "voter" : "none"), comment)
                }
            }
        }

        private func incarnation(of id: NodeID) throws -> UInt64 {
            try cluster.members(of: id).first { $0.node == "\(id)" }?.incarnation ?? 0
        }

        /// Says to every node, in the name of every other and of a stranger, what `claims` gives of the
        /// incarnation that each is known with.
        private func spread(
            by forger: GossipForger, _ claims: (NodeID, UInt64) -> [GossipForger.Claim]
        ) throws {
            for about in cluster.ids {
                let incarnation = try incarnation(of: about)
                for to in cluster.ids {
                    for sender in cluster.ids + [stranger] where sender != to {
                        for claim in claims(about, incarnation) {
                            try forger.tell(
                                [claim], to: to, at: cluster.gossip(to), as: sender)
                        }
                    }
                }
            }
            try forger.answer(as: stranger)
        }

        private func expectRecovery(_ before: [Quorum]) throws {
            #expect(try quorums() == before)
            try expectRoles()
            for id in cluster.ids { #expect(cluster.isRunning(id)) }
            for id in cluster.ids {
                try cluster.waitUntil(id, is: "alive", within: .milliseconds(30_000))
            }
            #expect(try quorums() == before)
            #expect(try cluster.linearizableValue() == 3)
        }

        @Test func forgedDeathsAndGoodByesElectNobody() throws {
            let forger = try GossipForger(cluster: cluster.name)
            let before = try quorums()
            for _ in 0..<ProcessTests.rounds {
                try spread(by: forger) { node, incarnation in
                    [
                        .suspect(node, incarnation, by: stranger),
                        .dead(node, incarnation, by: stranger), .left(node, incarnation),
                        .dead(node, incarnation + 3, by: cluster.ids[0]),
                        .left(node, incarnation + 4), .dead(node, .max >> 2, by: stranger),
                    ]
                }
                #expect(try quorums() == before)
            }
            try expectRecovery(before)
        }

        @Test func forgedVotersAndAddressesMoveNobody() throws {
            let forger = try GossipForger(cluster: cluster.name)
            let before = try quorums()
            for round in 0..<UInt64(ProcessTests.rounds) {
                try spread(by: forger) { node, incarnation in
                    let port = 1 + round
                    let here = "\(forger.address)"
                    return [
                        .alive(
                            node, incarnation + 1 + round * 7, http: "127.0.0.1:\(port)",
                            raft: "127.0.0.1:\(port)", gossip: here),
                        .alive(
                            stranger, 1 + round, http: here, raft: here, gossip: here),
                        .alive(
                            node, incarnation + 5_000, http: "not an address", raft: here,
                            gossip: here),
                        .alive(
                            node, incarnation + 2, http: "a.invalid:1", raft: "a.invalid:2",
                            gossip: "a.invalid:3"),
                    ]
                }
                #expect(try quorums() == before)
                try expectRoles()
            }
            // A node that is told wrong addresses of all others still finds them after its restart.
            let leader = try cluster.agreedLeader()
            let follower = try #require(cluster.ids.first { $0 != leader })
            try cluster.kill(follower)
            try cluster.start(follower)
            try Waiting.until(
                "\(follower) to answer", holds: { (try? cluster.status(of: follower)) != nil })
            try spread(by: forger) { node, incarnation in
                [
                    .alive(
                        node, incarnation + 9, http: "127.0.0.1:1", raft: "127.0.0.1:1",
                        gossip: "127.0.0.1:1")
                ]
            }
            try cluster.waitUntilReady(follower)
            try cluster.settle()
            try expectRecovery(before)
        }

        /// A second process that gossips under a node's id, and answers for it.
        @Test func twoUnderOneNameChangeNothing() throws {
            let twin = try GossipForger(cluster: cluster.name)
            let before = try quorums()
            let leader = try cluster.agreedLeader()
            let here = "\(twin.address)"
            let others = cluster.ids.filter { $0 != leader }
            for _ in 0..<ProcessTests.rounds * 20 {
                let incarnation = try incarnation(of: leader) + 1
                for other in others {
                    try twin.tell(
                        [.alive(leader, incarnation, http: here, raft: here, gossip: here)],
                        to: other, at: cluster.gossip(other), as: leader)
                }
                try twin.tell(
                    [.alive(leader, incarnation, http: here, raft: here, gossip: here)],
                    to: leader, at: cluster.gossip(leader), as: leader)
                try twin.answer(as: leader)
                #expect(try quorums() == before)
            }
            try Waiting.until(
                "the other nodes to have asked the twin",
                holds: {
                    try twin.answer(as: leader)
                    return !twin.heard.isEmpty
                })
            try expectRecovery(before)
        }

        @Test func replaysChangeNothing() throws {
            let forger = try GossipForger(cluster: cluster.name)
            let here = "\(forger.address)"
            // The stranger joins, and so hears what the members say, in their own spelling.
            try Waiting.until(
                "something to repeat",
                holds: {
                    for id in cluster.ids {
                        try forger.tell(
                            [.alive(stranger, 1, http: here, raft: here, gossip: here)], to: id,
                            at: cluster.gossip(id), as: stranger)
                    }
                    try forger.answer(as: stranger)
                    return forger.heard.count >= 20
                })
            let before = try quorums()
            var random = RandomSource(seed: 5)
            for _ in 0..<ProcessTests.rounds * 40 {
                for bytes in forger.heard {
                    let target = try cluster.gossip(cluster.ids[random.below(3)])
                    try forger.send(bytes, to: target)
                    // Changed, and with a right checksum all the same.
                    try forger.send(
                        GossipForger.withChecksum(changed(bytes, by: &random)), to: target)
                }
                try forger.answer(as: stranger)
            }
            #expect(try quorums() == before)
            try expectRecovery(before)
        }

        /// Thirty thousand; `TALLY_TEST_EFFORT=34` makes them a million.
        @Test func randomAndChangedDatagramsChangeNothing() throws {
            let forger = try GossipForger(cluster: cluster.name)
            let before = try quorums()
            let members = try cluster.ids.map { try names(of: $0) }
            let memory = try cluster.residentKilobytes()
            var random = RandomSource(seed: 17)
            let links = try cluster.ids.map { try cluster.connect(to: $0) }
            let ping = forger.message(1, from: stranger, [UInt8](repeating: 1, count: 40))
            let count = ProcessTests.rounds * 10_000
            // No more at a time than a socket holds, each lot followed by a question: so they are all
            // taken in, and the node answers in between.
            for lot in 0..<count / 50 {
                let place = lot % cluster.ids.count
                let target = try cluster.gossip(cluster.ids[place])
                for _ in 0..<50 {
                    let bytes =
                        random.below(2) == 0
                        ? noise(&random) : changed(ping, by: &random)
                    try forger.send(bytes, to: target)
                }
                try links[place].send(RawConnection.request(.get, "/livez"))
                #expect(try links[place].readResponse().status == 200)
            }
            let after = try cluster.residentKilobytes()
            print("\(count) datagrams: from \(memory) to \(after) KiB")
            for (now, then) in zip(after, memory) {
                #expect(now < then + 4 * 1_024, "from \(then) to \(now) KiB")
            }
            #expect(try cluster.ids.map { try names(of: $0) } == members)
            // They are said to have been dropped, in a line or two.
            for id in cluster.ids {
                let lines = cluster.standardError(of: id).split(separator: "\n").count {
                    $0.contains("the gossip has dropped")
                }
                #expect((1...10).contains(lines), "\(lines) lines")
            }
            try expectRecovery(before)
        }

        /// More than the sockets hold, as fast as they come: some are lost, and nothing else is.
        @Test func aFloodStarvesNobody() throws {
            let forger = try GossipForger(cluster: cluster.name)
            let before = try quorums()
            let leader = try cluster.agreedLeader()
            let client = try cluster.connect(to: leader)
            var random = RandomSource(seed: 23)
            let drops = (0..<100).map { _ in noise(&random) }
            var slowest = Timespan.zero
            for _ in 0..<ProcessTests.rounds * 10 {
                for id in cluster.ids {
                    let target = try cluster.gossip(id)
                    for _ in 0..<10 { for drop in drops { try forger.send(drop, to: target) } }
                }
                let moment = MonotonicClock.now()
                try client.send(RawConnection.request(.post, "/add?value=0", body: ""))
                #expect(try client.readResponse(to: .post).value == 3)
                slowest = max(slowest, MonotonicClock.now().since(moment))
            }
            print("a write amid a flood of datagrams takes at most \(slowest.readable)")
            try expectRecovery(before)
        }

        /// Streams on which nothing is said, or nothing that means anything, or that promise too much.
        @Test func strangersOnStreamsKeepNobodyOut() throws {
            let before = try quorums()
            let memory = try cluster.residentKilobytes()
            var random = RandomSource(seed: 29)
            var crowd: [RawConnection] = []
            for number in 0..<200 {
                for id in cluster.ids {
                    let connection = try RawConnection(to: cluster.gossip(id))
                    let length: [UInt8] = [[0, 0, 1, 0], [255, 255, 255, 255], [0, 0, 0, 0]][
                        number % 3]
                    // Who has been turned away already may say so by a reset.
                    switch number % 4 {
                    case 0: break
                    case 1: try? connection.send(noise(&random))
                    case 2: try? connection.send(length)
                    default: try? connection.send(length + noise(&random))
                    }
                    crowd.append(connection)
                }
            }
            let follower = try #require(cluster.ids.last { "\($0)" != before[0].leader })
            try cluster.kill(follower)
            try cluster.waitUntil(follower, is: "dead")
            let moment = MonotonicClock.now()
            try cluster.start(follower)
            let told = try cluster.waitUntil(follower, is: "alive")
            print("alive among strangers after \(told.since(moment).readable)")
            try cluster.waitUntilReady(follower)
            try cluster.settle()
            #expect(crowd.count == 600)
            for (now, then) in zip(try cluster.residentKilobytes(), memory) {
                #expect(now < then + 6 * 1_024, "from \(then) to \(now) KiB")
            }
            try expectRecovery(before)
        }

        private func names(of id: NodeID) throws -> [String?] {
            try cluster.members(of: id).flatMap { [$0.node, $0.state, $0.raft] }
        }

        private func noise(_ random: inout RandomSource) -> [UInt8] {
            (0..<random.below(1_500)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }

        private func changed(_ bytes: [UInt8], by random: inout RandomSource) -> [UInt8] {
            var bytes = bytes
            for _ in 0...random.below(8) {
                bytes[random.below(bytes.count)] ^= UInt8(1 + random.below(255))
            }
            return bytes
        }
    }
}
