import ClusterHarness
import HTTP
import Primitives
import Testing

/// What becomes of a key when 65,536 others have come after it.
@Suite struct KeyExpiryTests {
    private static let window = 65_536

    /// Adds 1 under that many keys of their own, many at a time on one connection.
    private func add(_ count: Int, to node: NodeID, of cluster: TestCluster) throws {
        let connection = try cluster.connect(to: node)
        var sent = 0
        var carriedOut = 0
        while sent < count {
            let batch = min(64, count - sent)
            let writes = (sent..<sent + batch).map {
                RawConnection.request(
                    .post, "/add?value=1", headers: ["Idempotency-Key: fill-\($0)"])
            }
            try connection.send(writes.joined())
            for _ in 0..<batch {
                let answer = try connection.readResponse(to: .post)
                if answer.status == 200, answer["Tally-Replayed"] == nil { carriedOut += 1 }
            }
            sent += batch
        }
        #expect(carriedOut == count)
    }

    @Test func anEvictedKeyIsRefusedByItsFirstIndex() throws {
        let cluster = try TestCluster(nodes: 1)
        let node = try cluster.startAllAndSettle()
        try waitForKeys(cluster)
        let seen = "Tally-First-Index: \(try cluster.status(of: node).commit)"
        func write(_ key: String, _ more: String...) throws -> Response {
            try cluster.request(
                .post, node, "/add?value=1", headers: ["Idempotency-Key: \(key)"] + more)
        }
        #expect(try write("old", seen).text == "1\n")
        #expect(try write("older-than-all", seen).text == "2\n")
        try add(Self.window - 1, to: node, of: cluster)
        // One has gone, the other is the oldest that is left.
        #expect(try write("older-than-all", seen)["Tally-Replayed"] == "true")
        let value = try cluster.request(.get, node, "/get").text
        for key in ["old", "never-seen-before"] {
            let answer = try write(key, seen)
            try expectProblem(answer, 409, "key-expired")
            #expect(answer["Tally-Replayed"] == nil && answer.keepAlive)
        }
        #expect(try cluster.request(.get, node, "/get").text == value)
        // What is still known is known whatever was seen.
        let known = try write("fill-7", "Tally-First-Index: 0")
        #expect(known.status == 200 && known["Tally-Replayed"] == "true")
        // The same after a restart: the table is made of the log.
        #expect(try cluster.terminate(node) == 0)
        try cluster.start(node)
        try cluster.waitUntilReady(node)
        try expectProblem(write("old", seen), 409, "key-expired")
        #expect(try write("fill-7", seen)["Tally-Replayed"] == "true")
        #expect(try cluster.request(.get, node, "/get").text == value)
        // Without the header nobody knows that it was there before.
        let again = try write("old")
        #expect(again.status == 200 && again["Tally-Replayed"] == nil)
    }
}
