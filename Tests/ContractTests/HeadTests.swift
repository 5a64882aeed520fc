import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    /// HEAD never has content, whatever is wrong with it (RFC 9110 §9.3.2).
    @Suite struct Heads {
        /// What a HEAD is refused for, and with which status.
        static let refused: [(String, Int)] = [
            ("HEAD * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("HEAD  /get HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("HEAD /get HTTP/1.1\r\n\r\n", 400), ("HEAD /get HTTP/1.1\nHost: localhost\n\n", 400),
            (
                "HEAD /get HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                400
            ),
            ("HEAD /get HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n", 413),
            ("HEAD /" + String(repeating: "x", count: 5_000), 414),
            ("HEAD /get HTTP/1.1\r\nHost: localhost\r\nExpect: the unexpected\r\n\r\n", 417),
            (
                "HEAD /get HTTP/1.1\r\nHost: localhost\r\nX: "
                    + String(repeating: "y", count: 9_000),
                431
            ),
            ("HEAD /get HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("HEAD /get HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
            (
                "HEAD /get HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\nConnection: close\r\n\r\n",
                501
            ),
            ("HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
            ("HEAD /set?value=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405),
            (
                "HEAD /get?consistency=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                400
            ),
        ]

        @Test(arguments: refused)
        func areRefusedWithoutContent(_ request: String, _ status: Int) throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                let connection = try cluster.connect(to: node)
                try connection.send(request)
                let answer = try connection.readUntilEnd()
                expectNoContent(answer, status)
            }
        }
    }

    /// No answer may be stored: what is asked here changes from one moment to the next.
    @Suite struct Caches {
        @Test func mayKeepNothing() throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                for (method, target) in [
                    (Method.get, "/get"), (.get, "/get?consistency=stale"), (.head, "/get"),
                    (.get, "/status"), (.get, "/members"), (.get, "/livez"), (.get, "/readyz"),
                    (.post, "/set?value=1"), (.post, "/add?value=x"), (.post, "/add"),
                    (.put, "/get"), (.get, "/nowhere"), (.options, "/get"), (.options, "*"),
                ] {
                    let answer = try cluster.request(method, node, target)
                    #expect(answer["Cache-Control"] == "no-store", "\(method.name) \(target)")
                }
                let tag = try #require(try cluster.request(.get, node, "/get")["ETag"])
                let same = try cluster.request(
                    .get, node, "/get", headers: ["If-None-Match: \(tag)"])
                #expect(same.status == 304 && same["Cache-Control"] == "no-store")
                let connection = try cluster.connect(to: node)
                try connection.send("GET\r\n\r\n")
                #expect(try connection.readResponse()["Cache-Control"] == "no-store")
            }
        }
    }

    @Suite struct Options {
        @Test(arguments: [
            ("/get", "GET, HEAD, OPTIONS"), ("/status", "GET, HEAD, OPTIONS"),
            ("/members", "GET, HEAD, OPTIONS"), ("/livez", "GET, HEAD, OPTIONS"),
            ("/readyz", "GET, HEAD, OPTIONS"), ("/set", "POST, OPTIONS"),
            ("/add?value=x", "POST, OPTIONS"), ("/", "OPTIONS"), ("/nowhere", "OPTIONS"),
            ("*", "GET, HEAD, POST, OPTIONS"),
        ])
        func sayWhatThereIs(_ target: String, _ allowed: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                let connection = try cluster.connect(to: node)
                for headers in [[], ["If-None-Match: x", "If-Match: *", "Origin: http://e"]] {
                    try connection.send(RawConnection.request(.options, target, headers: headers))
                    let answer = try connection.readResponse(to: .options)
                    #expect(answer.status == 204)
                    #expect(answer["Allow"] == allowed)
                    #expect(answer["Content-Length"] == nil && answer["Content-Type"] == nil)
                    #expect(answer.keepAlive)
                }
            }
        }

        /// What haproxy's plain `option httpchk` sends.
        @Test func answerInHTTP10() throws {
            let cluster = try Shared.cluster()
            let connection = try cluster.connect(to: cluster.ids[0])
            try connection.send("OPTIONS / HTTP/1.0\r\n\r\n")
            let text = String(decoding: try connection.readUntilEnd(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n") && text.hasSuffix("\r\n\r\n"))
        }
    }
}
