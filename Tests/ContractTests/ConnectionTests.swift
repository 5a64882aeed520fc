import ClusterHarness
import HTTP
import Posix
import Primitives
import Testing

extension SharedClusterTests {
    @Suite struct Connections {
        @Test func pipelinesAreAnsweredInOrder() throws {
            let (cluster, leader, _) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=0")
            // A write, a read behind it, an error, a page, over and over, in one segment or few.
            let rounds = 200
            var bytes = ""
            for _ in 0..<rounds {
                bytes += RawConnection.request(.post, "/add?value=1")
                bytes += RawConnection.request(.get, "/get")
                bytes += RawConnection.request(.post, "/add?value=x")
                bytes += RawConnection.request(.get, "/livez")
                bytes += RawConnection.request(
                    .post, "/add", headers: ["Content-Type: text/plain"], body: "-0")
                bytes += RawConnection.request(.get, "/nowhere")
            }
            let connection = try cluster.connect(to: leader)
            try connection.send(bytes)
            for round in 1...Int64(rounds) {
                #expect(try connection.readResponse(to: .post).text == "\(round)\n")
                // It sees the write before it, and none behind it.
                #expect(try connection.readResponse().text == "\(round)\n")
                try expectProblem(connection.readResponse(to: .post), 400, "bad-value")
                #expect(try connection.readResponse().text == "ok\n")
                #expect(try connection.readResponse(to: .post).text == "\(round)\n")
                try expectProblem(connection.readResponse(), 404, "not-found")
            }
        }

        @Test func aFollowersPipelineKeepsItsOrderToo() throws {
            let (cluster, leader, follower) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=8")
            // From here on the follower has it, and its own state is no older.
            #expect(try cluster.request(.get, follower, "/get").text == "8\n")
            let connection = try cluster.connect(to: follower)
            var bytes = ""
            for number in 0..<100 {
                bytes += RawConnection.request(.get, "/get")
                bytes += RawConnection.request(.post, "/add?value=1&n=\(number)")
                bytes += RawConnection.request(.get, "/get?consistency=stale")
            }
            try connection.send(bytes)
            for number in 0..<100 {
                #expect(try connection.readResponse().text == "8\n")
                let redirect = try connection.readResponse(to: .post)
                #expect(redirect.status == 307)
                #expect(redirect["Location"]?.hasSuffix("&n=\(number)") == true)
                #expect(try connection.readResponse().text == "8\n")
            }
        }

        @Test func anAnswerOutlivesTheEndOfTheQuestions() throws {
            let (cluster, leader, _) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=0")
            let connection = try cluster.connect(to: leader)
            let add = RawConnection.request(.post, "/add?value=1")
            try connection.send(String(repeating: add, count: 300))
            try connection.finishSending()
            for count in 1...300 {
                #expect(try connection.readResponse(to: .post).text == "\(count)\n")
            }
            #expect(connection.isEnded())
        }

        @Test func aRequestMayComeByteByByte() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            let requests =
                RawConnection.request(
                    .post, "/set", headers: ["Content-Type: text/plain"], body: "-123")
                + "POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\n{\"v\r\n9\r\nalue\":100\r\n"
                + "1\r\n}\r\n0\r\nTrailer: t\r\n\r\n"
            for byte in requests.utf8 { try connection.send([byte]) }
            #expect(try connection.readResponse(to: .post).text == "-123\n")
            #expect(try connection.readResponse(to: .post).text == "-23\n")
        }

        @Test func chunksArePutTogether() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            let head =
                "POST /set HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                + "Transfer-Encoding: Chunked\r\n\r\n"
            try connection.send(head + "1\r\n4\r\n0001\r\n2\r\n0\r\n\r\n")
            #expect(try connection.readResponse(to: .post).text == "42\n")
            try connection.send(head + "0\r\n\r\n")
            try expectProblem(connection.readResponse(to: .post), 400, "missing-value")
        }

        @Test func anEmptyLineBeforeARequestIsPassedOver() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            for _ in 0..<2 {
                try connection.send("\r\n" + RawConnection.request(.get, "/livez"))
                #expect(try connection.readResponse().text == "ok\n")
            }
        }

        @Test func whoWaitsForContinueGetsIt() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            try connection.send(
                "POST /set HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            let interim = "HTTP/1.1 100 Continue\r\n\r\n"
            #expect(
                try String(decoding: connection.readBytes(interim.utf8.count), as: UTF8.self)
                    == interim)
            try connection.send("55")
            #expect(try connection.readResponse(to: .post).text == "55\n")
            // Who does not wait gets the one answer alone, and who is refused no invitation.
            let hasty = try cluster.connect(to: leader)
            try hasty.send(
                "POST /set HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n56")
            let answer = String(decoding: try hasty.readUntilEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n56\n"))
            let refused = try cluster.connect(to: leader)
            try refused.send(
                "POST /set HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 5000\r\n\r\n")
            let refusal = String(decoding: try refused.readUntilEnd(), as: UTF8.self)
            #expect(refusal.hasPrefix("HTTP/1.1 413 "))
        }

        /// The invitation comes behind the answers to what was asked before.
        @Test func whoWaitsForContinueBehindOthersGetsItInItsTurn() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            try connection.send(
                RawConnection.request(.post, "/set?value=1")
                    + "POST /set HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                    + "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 1\r\n\r\n")
            let first = try connection.readBytes("HTTP/1.1 200 OK\r\n".utf8.count)
            #expect(String(decoding: first, as: UTF8.self) == "HTTP/1.1 200 OK\r\n")
            var seen = ""
            while !seen.hasSuffix("\r\n\r\n1\nHTTP/1.1 100 Continue\r\n\r\n") {
                seen += String(decoding: try connection.readBytes(1), as: UTF8.self)
            }
            try connection.send("2")
            let rest = String(decoding: try connection.readUntilEnd(), as: UTF8.self)
            #expect(rest.hasPrefix("HTTP/1.1 200 OK\r\n") && rest.hasSuffix("\r\n\r\n2\n"))
        }

        @Test(arguments: [
            "GET /get HTTP/1.0\r\n\r\n", "GET /get HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /get HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
            "GET /get HTTP/1.1\r\nHost: t\r\nConnection: x, CLOSE\r\n\r\n",
        ])
        func endWhereTheRequestSaysSo(_ request: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                let connection = try cluster.connect(to: node)
                try connection.send(request)
                let answer = try connection.readResponse()
                #expect(answer.status == 200)
                #expect(answer["Connection"] == "close")
                #expect(connection.isEnded())
            }
        }

        @Test func goOnOtherwise() throws {
            let (cluster, leader, _) = try Shared.roles()
            let connection = try cluster.connect(to: leader)
            for count in 1...50 {
                try connection.send(RawConnection.request(.post, "/set?value=\(count)"))
                let answer = try connection.readResponse(to: .post)
                #expect(answer.text == "\(count)\n")
                #expect(answer["Connection"] == nil)
            }
        }
    }
}

/// Requests that never become whole: all at once, since each is waited for as long, and beside the
/// other suites.
@Suite struct SlowRequestTests {
    @Test func areTimedOut() throws {
        let cluster = try Shared.cluster()
        let node = try cluster.agreedLeader()
        // RFC 9112 §2.2: an empty line behind a body begins no request, and has no 10 s.
        let idle = try cluster.connect(to: node)
        try idle.send(
            RawConnection.request(
                .post, "/get", headers: ["Content-Type: text/plain"], body: "5") + "\r\n")
        #expect(try idle.readResponse(to: .post).status == 405)

        let slow = try [
            ["GET /"], ["GET /get HTTP/1.1\r\nHo", "st"],
            ["POST /set HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n", "1"],
        ].map { try connection(to: node, of: cluster, saying: $0) }
        // The method may be known before the request is whole.
        let heads = try [["HEAD /g"], ["HEAD /get HTTP/1.1\r\nHo"]].map {
            try connection(to: node, of: cluster, saying: $0)
        }
        for connection in slow {
            let answer = try connection.readResponse(to: .post, within: .milliseconds(30_000))
            try expectProblem(answer, 408, "timeout")
            #expect(!answer.keepAlive)
            #expect(connection.isEnded())
        }
        for connection in heads {
            expectNoContent(try connection.readUntilEnd(within: .milliseconds(30_000)), 408)
        }
        try idle.send(RawConnection.request(.get, "/livez"))
        #expect(try idle.readResponse().text == "ok\n")
    }

    private func connection(
        to node: NodeID, of cluster: TestCluster, saying parts: [String]
    ) throws -> RawConnection {
        let connection = try cluster.connect(to: node)
        for part in parts { try connection.send(part) }
        return connection
    }
}

@Suite struct LongPipelineTests {
    /// With one node nothing but the requests themselves keeps the loop turning: none may be left
    /// lying until a timer comes.
    @Test func goesOnWithoutPause() throws {
        let cluster = try TestCluster(nodes: 1, timing: calmTiming)
        let node = try cluster.startAllAndSettle()
        let connection = try cluster.connect(to: node)
        let count = 20_000
        let end = MonotonicClock.now() + .milliseconds(20_000)
        try connection.send(
            String(repeating: RawConnection.request(.post, "/add?value=1"), count: count))
        for number in 1...count {
            let answer = try connection.readResponse(
                to: .post, within: end.since(MonotonicClock.now()))
            try #require(answer.text == "\(number)\n")
        }
    }
}
