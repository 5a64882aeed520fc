import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

/// Far above what is measured, so that only a cluster that does not recover fails on a busy machine.
private let recoveryLimit = Timespan.milliseconds(5_000)

extension ProcessTests {
    @Suite struct LeaderLossTests {
        @Test(arguments: [3, 5]) func leadersAreKilled(nodes: Int) throws {
            let cluster = try TestCluster(nodes: nodes)
            try cluster.startAllAndSettle()
            let (blows, attempts) = try WriterPool.writing(to: cluster) { pool in
                try (0..<rounds).map { _ in
                    let leader = try cluster.agreedLeader()
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let moment = MonotonicClock.now()
                    try cluster.kill(leader)
                    _ = try pool.acknowledgement(after: MonotonicClock.now(), within: recoveryLimit)
                    try cluster.start(leader)
                    try cluster.waitUntilReady(leader)
                    return (moment, leader)
                }
            }
            let gaps = Gaps(after: blows, in: attempts)
            #expect(gaps.count == rounds)
            gaps.report("SIGKILL of the leader of \(nodes)")
            let ledger = Ledger(attempts)
            let value = try cluster.linearizableValue()
            #expect(ledger.contradictions(from: 0, to: value) == [])
            try cluster.settle()
            for id in cluster.ids { #expect(try cluster.status(of: id).value == value) }
        }

        @Test func leadersStandStill() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let patience = Timespan.milliseconds(40)
            let (blows, attempts) = try WriterPool.writing(to: cluster, attemptLimit: patience) {
                pool in
                try (0..<rounds).map { _ in
                    let leader = try cluster.agreedLeader()
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let moment = MonotonicClock.now()
                    try cluster.stop(leader)
                    _ = try pool.acknowledgement(after: MonotonicClock.now(), within: recoveryLimit)
                    try wakeUp(leader, in: cluster)
                    return (moment, leader)
                }
            }
            let gaps = Gaps(after: blows, in: attempts)
            #expect(gaps.count == rounds)
            gaps.report("SIGSTOP of the leader")
            let ledger = Ledger(attempts)
            #expect(ledger.contradictions(from: 0, to: try cluster.linearizableValue()) == [])
        }

        /// Wakes a leader that stood still with questions waiting in its sockets: it must not answer
        /// from what it knew, and sends writers on.
        private func wakeUp(_ old: NodeID, in cluster: TestCluster) throws {
            let new = try cluster.leader()
            let present = try cluster.request(.post, new, "/add?value=0")
            let known = try #require(present.value)
            let term = try #require(present["Tally-Term"].flatMap { UInt64($0) })
            let readers = try (0..<4).map { _ in try cluster.connect(to: old) }
            for reader in readers { try reader.send(RawConnection.request(.get, "/get")) }
            let writer = try cluster.connect(to: old)
            try writer.send(RawConnection.request(.post, "/add?value=0", body: ""))
            let moment = MonotonicClock.now()
            try cluster.resume(old)
            for reader in readers {
                let answer = try reader.readResponse()
                #expect([200, 503].contains(answer.status))
                if let value = answer.value { #expect(value >= known) }
            }
            let written = try writer.readResponse(to: .post)
            #expect([200, 307, 503, 504].contains(written.status))
            if let placed = written["Tally-Term"].flatMap({ UInt64($0) }) {
                #expect(placed >= term)
            }
            try Waiting.until(
                "\(old) to redirect", within: recoveryLimit,
                holds: {
                    try cluster.request(.post, old, "/add?value=0").status == 307
                })
            let redirecting = MonotonicClock.now().since(moment)
            print("a woken leader redirects \(redirecting.readable) after SIGCONT")
        }

        @Test func twoOfFiveAreDead() throws {
            let cluster = try TestCluster(nodes: 5)
            try cluster.startAllAndSettle()
            let (_, attempts) = try WriterPool.writing(to: cluster) { pool in
                _ = try pool.acknowledgement(after: MonotonicClock.now())
                let leader = try cluster.agreedLeader()
                let other = try #require(cluster.ids.first { $0 != leader })
                for id in [leader, other] { try cluster.send(.kill, to: id) }
                for id in [leader, other] { try cluster.kill(id) }
                for _ in 0..<10 {
                    _ = try pool.acknowledgement(after: MonotonicClock.now(), within: recoveryLimit)
                }
                for id in cluster.ids where cluster.isRunning(id) {
                    #expect(try cluster.request(.get, id, "/get").status == 200)
                }
            }
            try cluster.startAllAndSettle()
            let value = try cluster.linearizableValue()
            #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
        }
    }
}
