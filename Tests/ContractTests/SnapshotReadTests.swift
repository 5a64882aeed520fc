import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension SharedClusterTests {
    /// `GET /snapshot`: the state as a file, from any node.
    @Suite struct SnapshotReadTests {
        @Test func anyNodeGivesTheStateOut() throws {
            let (cluster, leader, _) = try Shared.roles()
            let write = try cluster.request(.post, leader, "/set?value=4711")
            #expect(write.status == 200)
            let index = try #require(write["Tally-Index"].flatMap { UInt64($0) })
            for node in cluster.ids {
                let response = try cluster.request(.get, node, "/snapshot")
                #expect(response.status == 200)
                #expect(response["Content-Type"] == "application/octet-stream")
                #expect(response["Cache-Control"] == "no-store")
                #expect(response["Tally-Node"] == "\(node)")
                #expect(response["Tally-Term"].flatMap { UInt64($0) } != nil)
                let last = try #require(response["Tally-Index"].flatMap { UInt64($0) })
                #expect(last >= index)
                #expect(
                    response["Content-Disposition"]
                        == "attachment; filename=\"test-\(last).tally\"")
                #expect(response.body.starts(with: Array("TALLYSNP".utf8)))
                // The index behind magic, version and checksum, little-endian.
                #expect(
                    response.body[16..<24].reversed().reduce(0) { $0 << 8 | UInt64($1) } == last)
            }
        }

        @Test func questionsOnOneConnectionAreAnsweredInTheirOrder() throws {
            let (cluster, _, follower) = try Shared.roles()
            let connection = try cluster.connect(to: follower)
            try connection.send(
                RawConnection.request(.get, "/get") + RawConnection.request(.get, "/snapshot")
                    + RawConnection.request(.get, "/status"))
            #expect(try connection.readResponse()["ETag"] != nil)
            let snapshot = try connection.readResponse()
            #expect(snapshot.body.starts(with: Array("TALLYSNP".utf8)))
            #expect(try connection.readResponse()["Content-Type"] == "application/json")
            try connection.send(RawConnection.request(.head, "/snapshot"))
            let head = try connection.readResponse(to: .head)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["Content-Length"].flatMap { Int($0) } == snapshot.body.count)
        }

        @Test func aClientTakesOneAfterTheOther() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            let request = RawConnection.request(.get, "/snapshot")
            try connection.send(request + request)
            #expect(try connection.readResponse().status == 200)
            try expectProblem(try connection.readResponse(), 503, "overloaded")
            for _ in 0..<8 {
                try connection.send(request)
                #expect(try connection.readResponse().status == 200)
            }
        }

        @Test func itIsReadAlone() throws {
            let (cluster, leader, _) = try Shared.roles()
            let post = try cluster.request(.post, leader, "/snapshot", body: "")
            try expectProblem(post, 405, "method-not-allowed")
            #expect(post["Allow"] == "GET, HEAD, OPTIONS")
            try expectProblem(
                try cluster.request(
                    .get, leader, "/snapshot", headers: ["Idempotency-Key: k"]), 501,
                "not-supported")
        }
    }
}

/// Without a majority nothing is given out that could be old.
@Suite struct LonelySnapshotTests {
    @Test func withoutAMajorityThereIsNoSnapshot() throws {
        let cluster = try TestCluster(timing: calmTiming)
        try cluster.start(cluster.ids[0])
        try Waiting.until(
            "an answer of the first node",
            holds: { (try? cluster.status(of: cluster.ids[0])) != nil })
        try expectProblem(
            try cluster.request(.get, cluster.ids[0], "/snapshot"), 503, "forming")
        try cluster.startAllAndSettle()
        for node in cluster.ids.dropFirst() { try cluster.kill(node) }
        try expectProblem(
            try cluster.request(.get, cluster.ids[0], "/snapshot"), 503, "no-leader")
    }
}
