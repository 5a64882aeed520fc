import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    @Suite struct OutageTests {
        /// Requests wait for a second, so that the tests need not wait for two.
        private static let timing = TimingConfiguration(
            heartbeat: .milliseconds(50), election: .milliseconds(150)...(.milliseconds(300)),
            request: .milliseconds(1_000))

        @Test(arguments: [true, false]) func twoOfThreeAreDead(leaderLives: Bool) throws {
            let cluster = try TestCluster(timing: Self.timing)
            try cluster.startAllAndSettle()
            let value = try cluster.add(41)
            try cluster.settle()
            let leader = try cluster.agreedLeader()
            let survivor =
                leaderLives ? leader : try #require(cluster.ids.first { $0 != leader })
            let dead = cluster.ids.filter { $0 != survivor }
            for id in dead { try cluster.kill(id) }

            let writes = try (0..<3).map { _ in try answer(.post, survivor, "/add?value=1", cluster)
            }
            for write in writes { #expect(write.status == 503 || write.status == 504) }
            #expect(try answer(.get, survivor, "/get", cluster).status == 503)
            let stale = try answer(.get, survivor, "/get?consistency=stale", cluster)
            #expect(stale.status == 200 && stale.value == value)
            #expect(try answer(.get, survivor, "/readyz", cluster).status == 503)
            #expect(try answer(.get, survivor, "/livez", cluster).status == 200)

            try cluster.start(dead[0])
            try cluster.waitUntilReady(survivor)
            let unknown = Int64(writes.count { $0.status == 504 })
            #expect((value...value + unknown).contains(try cluster.linearizableValue()))
            let after = try cluster.add(1)
            #expect((value + 1...value + 1 + unknown).contains(after))
            try cluster.startAllAndSettle()
            #expect(try cluster.linearizableValue() == after)
        }

        /// One answer, in time: what can't be served is refused by the deadline, not kept.
        private func answer(
            _ method: Method, _ node: NodeID, _ target: String, _ cluster: TestCluster
        ) throws -> Response {
            // The request's own second, and room for a machine that is busy with something else.
            try cluster.request(method, node, target, within: .milliseconds(3_000))
        }

        @Test func allAreKilledAtOnce() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                for _ in 0..<rounds {
                    for _ in 0..<20 { _ = try pool.acknowledgement(after: MonotonicClock.now()) }
                    for id in cluster.ids { try cluster.send(.kill, to: id) }
                    for id in cluster.ids { try cluster.kill(id) }
                    try cluster.startAllAndSettle()
                }
            }
            let ledger = Ledger(attempts)
            #expect(ledger.acknowledged > rounds)
            let value = try cluster.linearizableValue()
            #expect(ledger.contradictions(from: 0, to: value) == [])
        }

        /// From the moment that a node has touched its directory, a signal ends it in good order.
        @Test func aNodeIsEndedWhileItStarts() throws {
            let cluster = try TestCluster()
            let id = cluster.ids[0]
            for _ in 0..<rounds {
                try cluster.start(id)
                try Waiting.until(
                    "the lock",
                    holds: {
                        try FileSystem.exists("\(cluster.directory(of: id))/lock")
                    })
                #expect(try cluster.terminate(id) == 0)
                cluster.wipe(id)
            }
        }

        @Test func nodesRestartOneAfterTheOther() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let (blows, attempts) = try WriterPool.writing(to: cluster) { pool in
                var blows: [(moment: Instant, node: NodeID)] = []
                for _ in 0..<2 {
                    for id in cluster.ids {
                        _ = try pool.acknowledgement(after: MonotonicClock.now())
                        if try cluster.agreedLeader() == id {
                            blows.append((MonotonicClock.now(), id))
                        }
                        #expect(try cluster.terminate(id) == 0)
                        _ = try pool.acknowledgement(after: MonotonicClock.now())
                        try cluster.start(id)
                        try cluster.waitUntilReady(id)
                    }
                }
                return blows
            }
            if !blows.isEmpty {
                Gaps(after: blows, in: attempts).report("SIGTERM of the leader")
            }
            let value = try cluster.linearizableValue()
            #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
        }
    }
}
