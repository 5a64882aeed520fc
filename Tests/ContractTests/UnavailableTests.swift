import ClusterHarness
import Configuration
import HTTP
import Posix
import Primitives
import Testing

/// Nodes that can't do what they are asked, each test with a cluster of its own.
@Suite struct UnavailableTests {
    @Test func formsWhenAllHaveMet() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let (first, second, third) = (cluster.ids[0], cluster.ids[1], cluster.ids[2])
        try cluster.start(first)
        try waitFor(first, in: cluster, toMiss: ["n2", "n3"])
        let status = try cluster.status(of: first)
        #expect(status.role == "newborn")
        #expect(status.leader == nil && status.leaderHTTP == nil)
        for target in ["/set?value=1", "/add?value=1"] {
            try expectProblem(cluster.request(.post, first, target), 503, "forming")
        }
        try expectProblem(cluster.request(.get, first, "/get"), 503, "forming")
        #expect(try cluster.request(.get, first, "/get?consistency=stale").text == "0\n")
        #expect(try cluster.request(.get, first, "/livez").status == 200)
        let ready = try cluster.request(.get, first, "/readyz")
        #expect(ready.status == 503 && ready["Content-Type"] == "text/plain")
        // A bad request is one here as well.
        try expectProblem(cluster.request(.post, first, "/set?value=x"), 400, "bad-value")
        try cluster.start(second)
        try waitFor(first, in: cluster, toMiss: ["n3"])
        try cluster.start(third)
        for node in cluster.ids {
            try waitFor(node, in: cluster, toMiss: [])
            try cluster.waitUntilReady(node)
        }
        #expect(try cluster.request(.post, cluster.agreedLeader(), "/set?value=1").status == 200)
    }

    private func waitFor(
        _ node: NodeID, in cluster: TestCluster, toMiss missing: [String]
    ) throws {
        try Waiting.until("\(node) to wait for \(missing)") {
            (try? cluster.status(of: node))?.waitingFor == missing
        }
    }

    @Test func withoutAQuorumNothingIsClaimed() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        let others = cluster.ids.filter { $0 != leader }
        #expect(try cluster.request(.post, leader, "/set?value=5").status == 200)
        // The others stand still: the write is proposed, and nobody can say what becomes of it.
        for node in others { try cluster.stop(node) }
        let unsure = try cluster.request(.post, leader, "/add?value=1")
        try expectProblem(unsure, 504, "unknown-outcome", outcome: "unknown")
        try expectProblem(cluster.request(.get, leader, "/get"), 503, "no-leader")
        try Waiting.until("the leader to step down") {
            try cluster.status(of: leader).role != "leader"
        }
        try expectProblem(cluster.request(.post, leader, "/set?value=6"), 503, "no-leader")
        try expectStale(leader, 5, in: cluster)
        // The others are dead.
        for node in others { try cluster.kill(node) }
        try Waiting.until("the dead to be missed") {
            try cluster.status(of: leader).leader == nil
        }
        try expectProblem(cluster.request(.post, leader, "/set?value=7"), 503, "no-leader")
        try expectProblem(cluster.request(.get, leader, "/get"), 503, "no-leader")
        #expect(try cluster.request(.get, leader, "/readyz").status == 503)
        #expect(try cluster.request(.get, leader, "/livez").status == 200)
        try expectStale(leader, 5, in: cluster)
        // And it was restarted: the value is that at the last commit noted on its disk.
        #expect(try cluster.terminate(leader) == 0)
        try cluster.start(leader)
        try Waiting.until("\(leader) to answer") {
            (try? cluster.request(.get, leader, "/livez")) != nil
        }
        try expectStale(leader, 5, in: cluster)
        try expectProblem(cluster.request(.post, leader, "/set?value=8"), 503, "no-leader")
        // One comes back, and all is well; the write of unknown outcome may have happened or not.
        try cluster.start(others[0])
        for node in [leader, others[0]] { try cluster.waitUntilReady(node) }
        let value = try cluster.request(.get, leader, "/get").text
        #expect(["5\n", "6\n"].contains(value))
        let add = try cluster.request(.post, cluster.agreedLeader(), "/add?value=10")
        #expect(["15\n", "16\n"].contains(add.text))
    }

    private func expectStale(_ node: NodeID, _ value: Int64, in cluster: TestCluster) throws {
        let answer = try cluster.request(.get, node, "/get?consistency=stale")
        #expect(answer.status == 200)
        #expect(answer.text == "\(value)\n")
        #expect(answer["Tally-Node"] == "\(node)")
        #expect(answer["Tally-Index"] != nil && answer["ETag"] != nil)
    }

    @Test func aLeaderThatDiesIsNotRedirectedTo() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        let others = cluster.ids.filter { $0 != leader }
        try cluster.stop(others[1])
        let status = try cluster.request(.post, others[0], "/set?value=1").status
        #expect(status == 307)
        try cluster.kill(leader)
        // Alone among the dead and the sleeping, it can name nobody.
        try Waiting.until("the connection to be missed") {
            try cluster.request(.post, others[0], "/set?value=1").status != 307
        }
        try expectProblem(
            cluster.request(.post, others[0], "/set?value=1"), 503, "no-leader")
    }

    /// A write whose place another one took: it was not applied, and its client is told so.
    @Test func anOvertakenWriteIsSuperseded() throws {
        // Clients wait long enough for the others to go on without their node.
        let patient = TimingConfiguration(
            heartbeat: calmTiming.heartbeat, election: calmTiming.election,
            request: .milliseconds(60_000))
        let cluster = try TestCluster(timing: patient)
        let leader = try cluster.startAllAndSettle()
        let others = cluster.ids.filter { $0 != leader }
        #expect(try cluster.request(.post, leader, "/set?value=1").status == 200)
        let waiting = try cluster.connect(to: leader)
        for node in others { try cluster.kill(node) }
        try waiting.send(RawConnection.request(.post, "/set?value=2"))
        try Waiting.until("the write in the log") {
            let status = try cluster.status(of: leader)
            return status.lastIndex > status.commit
        }
        try cluster.stop(leader)
        for node in others { try cluster.start(node) }
        for node in others { try cluster.waitUntilReady(node) }
        #expect(try cluster.request(.post, cluster.leader(), "/set?value=3").status == 200)
        try cluster.resume(leader)
        try expectProblem(waiting.readResponse(to: .post), 503, "superseded")
        #expect(try cluster.request(.get, leader, "/get").text == "3\n")
    }

    @Test func whoStopsSaysSo() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let leader = try cluster.startAllAndSettle()
        for node in cluster.ids where node != leader { try cluster.stop(node) }
        // One request waits for its fate, so the end waits for it; another is half there.
        let waiting = try cluster.connect(to: leader)
        try waiting.send(RawConnection.request(.post, "/set?value=1"))
        let late = try cluster.connect(to: leader)
        let request = Array(RawConnection.request(.post, "/set?value=2").utf8)
        try late.send(Array(request[..<10]))
        try Waiting.until("the write in the log") {
            try cluster.status(of: leader).lastIndex > cluster.status(of: leader).commit
        }
        try cluster.send(.terminate, to: leader)
        try Waiting.until("the end to begin") {
            cluster.standardError(of: leader).contains("stopping")
        }
        try late.send(Array(request[10...]))
        let refusal = try late.readResponse(to: .post)
        try expectProblem(refusal, 503, "stopping")
        #expect(!refusal.keepAlive)
        try expectProblem(
            waiting.readResponse(to: .post), 504, "unknown-outcome", outcome: "unknown")
        #expect(try cluster.waitForExit(leader, within: .milliseconds(5_000)) == 0)
    }

    @Test func oneConnectionTooManyIsAnsweredAndClosed() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        // 96 are kept for peers and files.
        try cluster.start(node, openFiles: 112)
        try waitFor(node, in: cluster, toMiss: ["n2", "n3"])
        // Those of the requests above may still be about to end.
        var held: [RawConnection] = []
        try Waiting.until("16 connections") {
            let connection = try cluster.connect(to: node)
            try connection.send(RawConnection.request(.get, "/livez"))
            if try connection.readResponse().status == 200 { held.append(connection) }
            return held.count == 16
        }
        for _ in 0..<3 {
            let refused = try cluster.connect(to: node)
            let answer = try refused.readResponse()
            try expectProblem(answer, 503, "overloaded")
            #expect(!answer.keepAlive)
            #expect(refused.isEnded())
        }
        for connection in held {
            try connection.send(RawConnection.request(.get, "/livez"))
            #expect(try connection.readResponse().status == 200)
        }
        held.removeFirst()
        try Waiting.until("the free place to be found") {
            try cluster.request(.get, node, "/livez").status == 200
        }
    }

    /// Far more than there are descriptors: the loop must neither end nor spin, nor drop who is in.
    @Test func aFloodOfConnectionsPasses() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        try cluster.start(node, openFiles: 100)
        try waitFor(node, in: cluster, toMiss: ["n2", "n3"])
        let inside = try Waiting.until("a place") { () -> RawConnection? in
            let connection = try cluster.connect(to: node)
            try connection.send(RawConnection.request(.get, "/livez"))
            return try connection.readResponse().status == 200 ? connection : nil
        }
        var flood: [RawConnection] = []
        for _ in 0..<300 {
            if let connection = try? cluster.connect(to: node) { flood.append(connection) }
        }
        for _ in 0..<10 {
            try inside.send(RawConnection.request(.get, "/livez"))
            #expect(try inside.readResponse().status == 200)
        }
        flood.removeAll()
        try Waiting.until("the flood to pass") {
            (try? cluster.request(.get, node, "/livez"))?.status == 200
        }
        try inside.send(RawConnection.request(.get, "/livez"))
        #expect(try inside.readResponse().status == 200)
        #expect(try cluster.terminate(node) == 0)
    }
}
