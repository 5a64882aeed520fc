import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// What comes to the raft port without being a peer.
    @Suite struct StrangerTests {
        private let cluster: TestCluster

        init() throws {
            cluster = try TestCluster(timing: .steady)
            try cluster.startAllAndSettle()
            try cluster.add(3)
            try cluster.settle()
        }

        @Test func badBytesChangeNothing() throws {
            var random = RandomSource(seed: 11)
            func noise(_ count: Int) -> [UInt8] {
                (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            }
            let before = try pages()
            let memory = try cluster.residentKilobytes()
            for count in 0..<150 {
                try whisper(noise(1 + count * 37), to: cluster.ids[count % 3])
            }
            // Lengths of every size, whatever the place that the format gives them.
            for shift in 0..<32 {
                let length = (0..<4).map {
                    UInt8(truncatingIfNeeded: (UInt32.max >> UInt32(shift)) >> UInt32($0 * 8))
                }
                for id in cluster.ids { try whisper(length + length + length + noise(64), to: id) }
            }
            for id in cluster.ids { try whisper([UInt8](repeating: 0, count: 8 << 20), to: id) }
            for id in cluster.ids { #expect(cluster.isRunning(id)) }
            #expect(try pages() == before)
            #expect(try cluster.linearizableValue() == 3)
            for (now, then) in zip(try cluster.residentKilobytes(), memory) {
                #expect(now < then + 12 * 1_024, "from \(then) to \(now) KiB")
            }
        }

        /// Five hundred connections that say nothing, or the first bytes of something.
        @Test func silentConnectionsKeepNobodyOut() throws {
            _ = try CurrentProcess.raiseOpenFileLimit()
            let before = try pages()
            var crowd = try (0..<500).map { try silent($0, to: cluster.ids[$0 % 3]) }
            #expect(try pages() == before)

            // A follower that comes back while its place is taken by strangers.
            let leader = try cluster.agreedLeader()
            let follower = try #require(cluster.ids.last { $0 != leader })
            try cluster.kill(follower)
            let others = cluster.ids.filter { $0 != follower }
            crowd += try (0..<200).map { try silent($0, to: others[$0 % 2]) }
            let moment = MonotonicClock.now()
            try cluster.start(follower)
            try cluster.waitUntilReady(follower)
            print("back among strangers after \(MonotonicClock.now().since(moment).readable)")
            let term = try cluster.status(of: leader).term
            #expect(term == before.first?.term)

            // And a leader that dies.
            try cluster.kill(leader)
            #expect(try cluster.add(1) == 4)
            #expect(crowd.count == 700)
        }

        private func silent(_ number: Int, to node: NodeID) throws -> RawConnection {
            let connection = try RawConnection(to: try cluster.raft(node))
            // A node that has turned this one away already may say so by a reset.
            try? connection.send([UInt8](repeating: 1, count: number % 4))
            return connection
        }

        /// Says the bytes and leaves; a node that does not want to hear them to the end may leave first.
        private func whisper(_ bytes: [UInt8], to node: NodeID) throws {
            let connection = try RawConnection(to: try cluster.raft(node))
            try? connection.send(bytes, within: .milliseconds(5_000))
        }

        private struct Page: Equatable {
            var term: UInt64
            var leader: String?
        }

        private func pages() throws -> [Page] {
            try cluster.ids.map {
                let page = try cluster.status(of: $0)
                return Page(term: page.term, leader: page.leader)
            }
        }
    }
}
