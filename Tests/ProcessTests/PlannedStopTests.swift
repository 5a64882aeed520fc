import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension ProcessTests {
    /// SIGTERM to the leader: it hands its leadership over, and everybody who asked gets an answer.
    @Suite struct PlannedStopTests {
        @Test(arguments: [3, 5]) func everyRequestIsAnswered(nodes: Int) throws {
            let cluster = try TestCluster(nodes: nodes)
            try cluster.startAllAndSettle()
            let (blows, attempts) = try WriterPool.writing(
                to: cluster, attemptLimit: .milliseconds(5_000)
            ) { pool in
                try (0..<rounds).map { round in
                    let leader = try cluster.agreedLeader()
                    // It takes no answer, and must not hold anybody up.
                    let deaf = round == 0 ? try cluster.connect(to: leader) : nil
                    try deaf?.send(
                        String(repeating: RawConnection.request(.get, "/status"), count: 50))
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let moment = MonotonicClock.now()
                    try cluster.send(.terminate, to: leader)
                    _ = try pool.acknowledgement(after: moment)
                    #expect(try cluster.waitForExit(leader) == 0)
                    #expect(MonotonicClock.now().since(moment) < .milliseconds(10_000))
                    try cluster.start(leader)
                    try cluster.waitUntilReady(leader)
                    return (moment, leader)
                }
            }
            let gaps = Gaps(after: blows, in: attempts)
            #expect(gaps.count == rounds)
            gaps.report("SIGTERM of the leader of \(nodes)")
            // A connection that is refused was never open; all others are answered.
            #expect(attempts.count { $0.outcome == .unknown } == 0)
            let value = try cluster.linearizableValue()
            #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
        }

        /// All nodes, one after the other, under load: what a deployment does.
        @Test func aRollingRestart() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let (blows, attempts) = try WriterPool.writing(
                to: cluster, attemptLimit: .milliseconds(5_000)
            ) { pool in
                try cluster.ids.map { id in
                    _ = try pool.acknowledgement(after: MonotonicClock.now())
                    let moment = MonotonicClock.now()
                    try cluster.send(.terminate, to: id)
                    #expect(try cluster.waitForExit(id) == 0)
                    _ = try pool.acknowledgement(after: moment)
                    try cluster.start(id)
                    try cluster.waitUntilReady(id)
                    return (moment, id)
                }
            }
            Gaps(after: blows, in: attempts).report("SIGTERM of each node in turn")
            #expect(attempts.count { $0.outcome == .unknown } == 0)
            let value = try cluster.linearizableValue()
            #expect(Ledger(attempts).contradictions(from: 0, to: value) == [])
        }

        /// An idle connection may carry a request that is under way when the stop begins.
        @Test func aRequestOnAnIdleConnectionIsSentToTheNewLeader() throws {
            let cluster = try TestCluster()
            try cluster.startAllAndSettle()
            let leader = try cluster.agreedLeader()
            let idle = try cluster.connect(to: leader)
            try idle.send(RawConnection.request(.get, "/livez"))
            #expect(try idle.readResponse().status == 200)
            try cluster.send(.terminate, to: leader)
            try Waiting.until(
                "another leader",
                holds: {
                    try cluster.ids.filter { $0 != leader }.contains {
                        try cluster.status(of: $0).role == "leader"
                    }
                })
            try idle.send(RawConnection.request(.post, "/add?value=5&x=%20y", body: ""))
            let answer = try idle.readResponse(to: .post)
            #expect(answer.status == 307)
            #expect(answer["Location"]?.hasSuffix("/add?value=5&x=%20y") == true)
            #expect(answer["Connection"] == "close")
            #expect(try cluster.waitForExit(leader) == 0)
        }

        @Test func aNodeWithoutASuccessorSaysThatItStops() throws {
            let cluster = try TestCluster(nodes: 1)
            try cluster.startAllAndSettle()
            let id = cluster.ids[0]
            let idle = try cluster.connect(to: id)
            try idle.send(RawConnection.request(.post, "/add?value=5", body: ""))
            #expect(try idle.readResponse(to: .post).status == 200)
            try cluster.send(.terminate, to: id)
            try Waiting.until(
                "the stop to begin",
                holds: { cluster.standardError(of: id).contains("stopping") })
            try idle.send(RawConnection.request(.post, "/add?value=5", body: ""))
            let answer = try idle.readResponse(to: .post)
            #expect(answer.status == 503 && answer.text.contains("\"stopping\""))
            #expect(try cluster.waitForExit(id) == 0)
        }
    }
}
