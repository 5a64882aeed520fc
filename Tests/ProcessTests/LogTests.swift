import ClusterHarness
import Configuration
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// What the nodes say of themselves when others are lost, and why they do what they do.
    @Suite struct LogTests {
        private let cluster: TestCluster
        private let leader: NodeID
        private let followers: [NodeID]

        init() throws {
            cluster = try TestCluster()
            let leader = try cluster.startAllAndSettle()
            self.leader = leader
            followers = cluster.ids.filter { $0 != leader }
        }

        /// The lines of a node with that event.
        private func lines(_ event: String, of node: NodeID) -> [String] {
            cluster.standardError(of: node).split(separator: "\n").map(String.init)
                .filter { $0.contains(" \(node) [\(event)] ") }
        }

        private func wait(for event: String, of node: NodeID, saying text: String) throws {
            try Waiting.until(
                "\(node) to say \(text)",
                holds: { lines(event, of: node).contains { $0.hasSuffix(text) } })
        }

        @Test func aKilledLeaderIsTheReason() throws {
            try cluster.kill(leader)
            let next = try cluster.agreedLeader()
            let other = try #require(followers.first { $0 != next })
            let term = try cluster.status(of: next).term
            try wait(
                for: "election-started", of: next,
                saying: "the connection to \(leader) ended: asking for votes")
            let voters = [next, other].sorted().map(\.description).joined(separator: ", ")
            try wait(for: "elected", of: next, saying: "elected in term \(term) by \(voters)")
            try wait(for: "voted", of: other, saying: "voted for \(next) in term \(term)")
            try wait(for: "following", of: other, saying: "following \(next) in term \(term)")
            for id in followers { #expect(lines("majority-lost", of: id).isEmpty) }
        }

        @Test func aSilentLeaderIsTheReason() throws {
            try cluster.stop(leader)
            let next = try cluster.agreedLeader()
            try Waiting.until(
                "the reason",
                holds: {
                    followers.contains { id in
                        lines("election-started", of: id).contains {
                            $0.contains("no heartbeat from \(leader) for ")
                                && $0.hasSuffix(" ms: asking for votes")
                        }
                    }
                })
            #expect(next != leader)
            try cluster.resume(leader)
            _ = try cluster.agreedLeader()
            // It finds that it has heard nobody for long, or hears of a new term first: that of the new
            // leader, or of one that stood for election before.
            try Waiting.until(
                "\(leader) to step down",
                holds: {
                    lines("stepped-down", of: leader).contains { line in
                        line.contains("stepping down: no majority heard for ")
                            || followers.contains {
                                line.contains("stepping down: \($0) is in term ")
                            }
                    }
                })
        }

        @Test func aLostMajorityIsSaidOnceAndItsReturn() throws {
            for id in followers { try cluster.kill(id) }
            let missing = followers.map(\.description).joined(separator: ", ")
            let sentence =
                "no majority: 1 of 3 nodes answers (\(missing) do not); 2 are needed"
            try wait(for: "majority-lost", of: leader, saying: sentence)
            #expect(lines("stepped-down", of: leader).count == 1)
            // Many more elections come to nothing.
            let term = try cluster.status(of: leader).term
            try cluster.start(followers[0])
            try cluster.waitUntilReady(leader)
            try Waiting.until(
                "the majority's return",
                holds: {
                    lines("majority-back", of: leader).contains {
                        $0.contains("majority back; leader ") && $0.hasSuffix(" ms")
                    }
                })
            #expect(try cluster.status(of: leader).term >= term)
            #expect(lines("majority-lost", of: leader).count == 1)
            #expect(lines("majority-back", of: leader).count == 1)
            #expect(lines("election-started", of: leader).count <= 12)
        }

        @Test func aFollowerThatWasAwayCatchesUp() throws {
            let away = followers[1]
            try cluster.kill(away)
            _ = try WriterPool.writing(to: cluster) { pool in
                let start = try cluster.status(of: leader).commit
                try Waiting.until(
                    "some writes", holds: { try cluster.status(of: leader).commit > start + 500 })
                _ = try pool.acknowledgement(after: MonotonicClock.now())
            }
            let present = try cluster.agreedLeader()
            try cluster.start(away)
            try cluster.waitUntilReady(away)
            try wait(for: "caught-up", of: present, saying: "\(away) has caught up")
            #expect(
                lines("behind", of: present).contains {
                    $0.contains("\(away) is behind by ") && $0.hasSuffix(" entries: catching up")
                })
        }
    }
}
