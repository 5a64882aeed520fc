import ClusterHarness
import HTTP
import Primitives
import Testing

extension SharedClusterTests {
    @Suite struct Refusals {
        @Test(arguments: [
            "/", "/GET", "/get/", "/set/5", "/adds", "/members/n1", "/a%64d", "//get",
        ])
        func thereIsNothingElse(_ path: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                for method in [Method.get, .post, .delete] {
                    try expectProblem(cluster.request(method, node, path), 404, "not-found")
                }
            }
        }

        @Test(arguments: [
            ("/set?value=9", "POST, OPTIONS"), ("/add?value=9", "POST, OPTIONS"),
            ("/get", "GET, HEAD, OPTIONS"), ("/status", "GET, HEAD, OPTIONS"),
            ("/members", "GET, HEAD, OPTIONS"), ("/livez", "GET, HEAD, OPTIONS"),
            ("/readyz", "GET, HEAD, OPTIONS"),
        ])
        func otherMethodsAreRefused(_ target: String, _ allowed: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=4")
            let candidates: [Method] = [.get, .head, .post, .put, .delete, .patch]
            for method in candidates where !allowed.contains("\(method.name)") {
                for node in [leader, follower] {
                    let answer = try cluster.request(method, node, target)
                    #expect(answer["Allow"] == allowed)
                    if method == .head {
                        #expect(answer.status == 405)
                    } else {
                        try expectProblem(answer, 405, "method-not-allowed")
                    }
                }
            }
            #expect(try cluster.request(.get, follower, "/get").text == "4\n")
        }

        @Test(arguments: [
            ("/add?value=9", "If-Match: \"1\""), ("/add?value=9", "if-match: *"),
            ("/leader", "If-Match: *"), ("/set?value=9", "If-None-Match: *"),
            ("/add?value=9", "If-None-Match: *"), ("/leader", "If-None-Match: *"),
        ])
        func whatMeansNothingIsNotIgnored(_ target: String, _ header: String) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                let answer = try cluster.request(.post, node, target, headers: [header])
                try expectProblem(answer, 501, "not-supported")
                #expect(answer.keepAlive)
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        @Test func bodiesHaveABound() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let most = "value=" + String(repeating: "0", count: 4_096 - 7) + "5"
            let form = ["Content-Type: application/x-www-form-urlencoded"]
            let taken = try cluster.request(.post, leader, "/set", headers: form, body: most)
            #expect(taken.text == "5\n")
            for node in [leader, follower] {
                try expectClosing(
                    RawConnection.request(.post, "/set", headers: form, body: most + "5"), node,
                    413, "body-too-large")
                // Refused by its length alone, before a byte of it is there.
                try expectClosing(
                    "POST /set HTTP/1.1\r\nHost: t\r\nContent-Length: 18446744073709551616\r\n\r\n",
                    node, 413, "body-too-large")
                try expectClosing(
                    "POST /set HTTP/1.1\r\nHost: t\r\nContent-Length: 4097\r\n\r\n", node, 413,
                    "body-too-large")
                let chunk = "400\r\n" + String(repeating: "5", count: 1_024) + "\r\n"
                try expectClosing(
                    "POST /set HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + String(repeating: chunk, count: 4) + "1\r\n5\r\n0\r\n\r\n", node, 413,
                    "body-too-large")
            }
        }

        @Test func requestLinesHaveABound() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let frame = "GET /livez?x= HTTP/1.1".utf8.count
            let most = "/livez?x=" + String(repeating: "y", count: 4_096 - frame)
            for node in [leader, follower] {
                #expect(try cluster.request(.get, node, most).status == 200)
                try expectClosing(
                    RawConnection.request(.get, most + "y"), node, 414, "target-too-long")
                // Said as soon as it is clear, with no line end in sight.
                try expectClosing(
                    "GET /" + String(repeating: "y", count: 8_192), node, 414, "target-too-long")
            }
        }

        @Test func headersHaveABound() throws {
            let (cluster, leader, follower) = try Shared.roles()
            for node in [leader, follower] {
                // Host is one of them.
                let most = (1...63).map { "X-\($0): y" }
                #expect(try cluster.request(.get, node, "/livez", headers: most).status == 200)
                try expectClosing(
                    RawConnection.request(.get, "/livez", headers: most + ["Y: z"]), node, 431,
                    "headers-too-large")
                let rest = 8_192 - "Host: localhost\r\n".utf8.count - "X: \r\n".utf8.count
                let long = "X: " + String(repeating: "y", count: rest)
                #expect(try cluster.request(.get, node, "/livez", headers: [long]).status == 200)
                try expectClosing(
                    RawConnection.request(.get, "/livez", headers: [long + "y"]), node, 431,
                    "headers-too-large")
                try expectClosing(
                    "GET /livez HTTP/1.1\r\nHost: t\r\nX: " + String(repeating: "y", count: 10_000),
                    node, 431, "headers-too-large")
            }
        }

        private func expectClosing(
            _ request: String, _ node: NodeID, _ status: Int, _ code: String,
            at location: SourceLocation = #_sourceLocation
        ) throws {
            let connection = try Shared.cluster().connect(to: node)
            try connection.send(request)
            let answer = try connection.readResponse(to: .post)
            try expectProblem(answer, status, code, at: location)
            #expect(!answer.keepAlive, sourceLocation: location)
            #expect(connection.isEnded(), sourceLocation: location)
        }
    }
}
