import ClusterHarness
import HTTP
import Testing

/// More connections than there are descriptors for.
@Suite struct CrowdTests {
    @Test func everyOneOfACrowdIsAnswered() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        try cluster.start(node, openFiles: 256)
        try Waiting.until("\(node) to answer") {
            (try? cluster.request(.get, node, "/livez"))?.status == 200
        }
        // All connect before the first one asks.
        let crowd = try (0..<400).map { _ in try cluster.connect(to: node) }
        for connection in crowd { try? connection.send(RawConnection.request(.get, "/livez")) }
        var served = 0
        for connection in crowd {
            let answer = try connection.readResponse()
            if answer.status == 200 {
                served += 1
            } else {
                try expectProblem(answer, 503, "overloaded")
                #expect(!answer.keepAlive)
                #expect(connection.isEnded())
            }
        }
        // 96 descriptors are kept for peers and files.
        #expect(served == 160)
        for connection in crowd.prefix(100) {
            try connection.send(RawConnection.request(.get, "/livez"))
            #expect(try connection.readResponse().status == 200)
        }
    }

    /// Connections that have been answered and are only read on take nobody's place.
    @Test func whoIsAnsweredGivesWay() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        try cluster.start(node, openFiles: 112)
        try Waiting.until("\(node) to answer") {
            (try? cluster.request(.get, node, "/livez"))?.status == 200
        }
        // Each asks for the end and then does not end its own half: far more than there are places.
        var held: [RawConnection] = []
        for _ in 0..<200 {
            let connection = try cluster.connect(to: node)
            try connection.send(
                RawConnection.request(.get, "/livez", headers: ["Connection: close"]))
            #expect(try connection.readResponse().status == 200)
            held.append(connection)
        }
    }

    @Test func aHeadTooManyHasNoContent() throws {
        let cluster = try TestCluster(timing: calmTiming)
        let node = cluster.ids[0]
        try cluster.start(node, openFiles: 112)
        try Waiting.until("\(node) to answer") {
            (try? cluster.request(.get, node, "/livez"))?.status == 200
        }
        var inside: [RawConnection] = []
        while inside.count < 16 {
            let connection = try cluster.connect(to: node)
            try connection.send(RawConnection.request(.get, "/livez"))
            if try connection.readResponse().status == 200 { inside.append(connection) }
        }
        let surplus = try cluster.connect(to: node)
        try surplus.send(RawConnection.request(.head, "/get"))
        let text = String(decoding: try surplus.readUntilEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 503 ") && text.hasSuffix("\r\n\r\n"))
        // Who says nothing is told so, too.
        let silent = try cluster.connect(to: node)
        try expectProblem(silent.readResponse(), 503, "overloaded")
        for connection in inside {
            try connection.send(RawConnection.request(.get, "/livez"))
            #expect(try connection.readResponse().status == 200)
        }
    }
}
