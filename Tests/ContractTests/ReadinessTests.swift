import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

/// What a node says of why it is not ready, and that it says so soon; what a 503 says of a lost majority.
@Suite struct ReadinessTests {
    /// Requests may take long here; a question about readiness may not.
    private static let patient = TimingConfiguration(
        heartbeat: calmTiming.heartbeat, election: calmTiming.election,
        request: .milliseconds(60_000))

    private func unready(_ node: NodeID, in cluster: TestCluster) throws -> String {
        let answer = try cluster.request(.get, node, "/readyz")
        #expect(answer.status == 503 && answer["Content-Type"] == "text/plain")
        #expect(answer["Retry-After"] != nil)
        return answer.text
    }

    @Test func theReasonIsSaidAndSoon() throws {
        let cluster = try TestCluster(timing: ReadinessTests.patient)
        let (first, second, third) = (cluster.ids[0], cluster.ids[1], cluster.ids[2])
        try cluster.start(first)
        try Waiting.until("\(first) to wait for the others") {
            (try? cluster.status(of: first))?.waitingFor == ["n2", "n3"]
        }
        #expect(
            try unready(first, in: cluster)
                == "no leader: the cluster is forming; it waits for n2, n3\n")
        try cluster.startAllAndSettle()
        try cluster.kill(second)
        try cluster.kill(third)
        let sentence = "no majority: 1 of 3 nodes answers (n2, n3 do not); 2 are needed"
        try Waiting.until("the majority to be missed") {
            try cluster.status(of: first).leader == nil
        }
        // A read that waits a minute for its leader keeps nobody from an answer: far from that
        // minute, however busy the machine.
        let waiting = try cluster.connect(to: first)
        try waiting.send(RawConnection.request(.get, "/get"))
        let start = MonotonicClock.now()
        #expect(try unready(first, in: cluster) == sentence + "\n")
        #expect(MonotonicClock.now().since(start) < .milliseconds(30_000))
        // The same sentence in a write's refusal.
        let refused = try cluster.request(.post, first, "/set?value=1")
        try expectProblem(refused, 503, "no-leader")
        #expect(
            try JSONTree(refused.body).members["detail"] == .string(sentence))
        // Whoever asked before is answered in its order, and once.
        let pipeline = try cluster.connect(to: first)
        try pipeline.send(
            RawConnection.request(.get, "/readyz") + RawConnection.request(.get, "/livez")
                + RawConnection.request(.get, "/readyz"))
        #expect(try pipeline.readResponse().text == sentence + "\n")
        #expect(try pipeline.readResponse().text == "ok\n")
        #expect(try pipeline.readResponse().text == sentence + "\n")
        // Behind a read that waits, a question has its answer early, and it comes in its place.
        try waiting.send(RawConnection.request(.get, "/readyz"))
        try cluster.start(second)
        #expect(try waiting.readResponse().status == 200)
        #expect([200, 503].contains(try waiting.readResponse().status))
        try waiting.send(RawConnection.request(.get, "/livez"))
        #expect(try waiting.readResponse().text == "ok\n")
        try cluster.waitUntilReady(first)
        #expect(try cluster.request(.get, first, "/readyz").text == "ready\n")
    }

    /// The others stand still: their connections stand, too, and nobody answers.
    @Test func whoStandsStillIsNotHeard() throws {
        let cluster = try TestCluster(timing: ReadinessTests.patient)
        let leader = try cluster.startAllAndSettle()
        let others = cluster.ids.filter { $0 != leader }
        for node in others { try cluster.stop(node) }
        let names = others.map(\.description).joined(separator: ", ")
        try Waiting.until("the others to be missed") {
            try unready(leader, in: cluster)
                == "no majority: 1 of 3 nodes answers (\(names) do not); 2 are needed\n"
        }
        for node in others { try cluster.resume(node) }
        try cluster.waitUntilReady(leader)
    }
}
