import ClusterHarness
import HTTP
import Primitives
import Testing

/// Bytes that are no request, and what they are answered.
struct Malformed: Sendable, CustomTestStringConvertible {
    var bytes: String
    var status = 400
    var code = "bad-request"

    init(_ bytes: String, _ status: Int = 400, _ code: String = "bad-request") {
        self.bytes = bytes
        self.status = status
        self.code = code
    }

    /// A POST to /set with those field lines and that body.
    init(fields: String..., body: String = "", status: Int = 400, code: String = "bad-request") {
        let lines = ["POST /set?value=666 HTTP/1.1", "Host: t"] + fields
        self.init(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, status, code)
    }

    var testDescription: String { bytes.debugDescription }

    static let requests = [
        // Line ends, RFC 9112 §2.2.
        Malformed("GET /get HTTP/1.1\nHost: t\n\n"),
        Malformed("GET /get HTTP/1.1\r\nHost: t\nX: y\r\n\r\n"),
        Malformed("GET /get HTTP/1.1\r\nHost: t\r\n\n"),
        Malformed("GET /get HTTP/1.1\r\nHost: t\rX: y\r\n\r\n"),
        Malformed("\nGET /get HTTP/1.1\r\nHost: t\r\n\r\n"),
        // The request line, §3.
        Malformed("GET\r\n\r\n"), Malformed("GET /get\r\n\r\n"),
        Malformed(" GET /get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET  /get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get  HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get HTTP/1.1 \r\nHost: t\r\n\r\n"),
        Malformed("GET\t/get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GE(T /get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get http/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get HTTP/1.1x\r\nHost: t\r\n\r\n"),
        Malformed("GET get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET ftp://t/get HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get#there HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /gét HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("CONNECT t:80 HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n"),
        Malformed("GET /get HTTP/2.0\r\nHost: t\r\n\r\n", 505, "not-supported"),
        Malformed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "not-supported"),
        // Control bytes.
        Malformed("GET /get?\u{0} HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed("GET /get?\u{7F} HTTP/1.1\r\nHost: t\r\n\r\n"),
        Malformed(fields: "X: a\u{0}b"), Malformed(fields: "X: a\u{1B}[2J"),
        Malformed(fields: "X\u{1}: a"), Malformed(fields: "X: a\u{7F}"),
        // Fields, §5.
        Malformed(fields: "X: a", " folded"), Malformed(fields: "X: a", "\tfolded"),
        Malformed("GET /get HTTP/1.1\r\n Host: t\r\n\r\n"),
        Malformed(fields: "X : a"), Malformed(fields: "Content-Length : 1", body: "5"),
        Malformed(fields: "X\t: a"), Malformed(fields: "no colon"), Malformed(fields: ": a"),
        Malformed(fields: "X Y: a"), Malformed(fields: "X(: a"),
        // Host, §3.2.
        Malformed("GET /get HTTP/1.1\r\n\r\n"), Malformed(fields: "Host: t"),
        Malformed("GET /get HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Malformed("GET /get HTTP/1.1\r\nHost: t/get\r\n\r\n"),
        // The body's length, §6.
        Malformed(fields: "Content-Length: 1", "Content-Length: 2", body: "55"),
        Malformed(fields: "Content-Length: 1, 2", body: "55"),
        Malformed(fields: "Content-Length: +1", body: "5"),
        Malformed(fields: "Content-Length: -1", body: "5"),
        Malformed(fields: "Content-Length: 0x1", body: "5"),
        Malformed(fields: "Content-Length: 1 1", body: "5"),
        Malformed(fields: "Content-Length:", body: "5"),
        Malformed(
            fields: "Content-Length: 1", "Transfer-Encoding: chunked", body: "1\r\n5\r\n0\r\n\r\n"),
        Malformed(
            fields: "Transfer-Encoding: chunked", "Content-Length: 1", body: "1\r\n5\r\n0\r\n\r\n"),
        Malformed(
            fields: "Transfer-Encoding: chunked", "Transfer-Encoding: chunked",
            body: "1\r\n5\r\n0\r\n\r\n"),
        Malformed(fields: "Transfer-Encoding: ", body: "1\r\n5\r\n0\r\n\r\n"),
        Malformed(fields: "Transfer-Encoding: gzip", status: 501, code: "not-supported"),
        Malformed(fields: "Transfer-Encoding: gzip, chunked", status: 501, code: "not-supported"),
        Malformed(fields: "Transfer-Encoding: xchunked", status: 501, code: "not-supported"),
        Malformed(
            "POST /set?value=666 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        // Chunks, §7.1.
        Malformed(fields: "Transfer-Encoding: chunked", body: "x\r\n5\r\n0\r\n\r\n"),
        Malformed(fields: "Transfer-Encoding: chunked", body: "1\n5\n0\n\n"),
        Malformed(fields: "Transfer-Encoding: chunked", body: "1\r\n55\r\n0\r\n\r\n"),
        Malformed(fields: "Transfer-Encoding: chunked", body: "-1\r\n5\r\n0\r\n\r\n"),
        Malformed(fields: "Transfer-Encoding: chunked", body: "\r\n5\r\n0\r\n\r\n"),
        // Expectations, RFC 9110 §10.1.1.
        Malformed(fields: "Expect: the unexpected", status: 417, code: "not-supported"),
    ]
}

extension SharedClusterTests {
    @Suite struct MalformedRequests {
        @Test(arguments: Malformed.requests)
        func areRefusedAlikeEverywhereAndClose(_ malformed: Malformed) throws {
            let (cluster, leader, follower) = try Shared.roles()
            let before = try cluster.status(of: leader).lastIndex
            for node in [leader, follower] {
                let connection = try cluster.connect(to: node)
                try connection.send(malformed.bytes)
                let answer = try connection.readResponse(to: .post)
                try expectProblem(answer, malformed.status, malformed.code)
                #expect(!answer.keepAlive)
                #expect(connection.isEnded())
            }
            #expect(try cluster.status(of: leader).lastIndex == before)
        }

        /// The node reads on for a while: what it leaves unread would reset the connection, and take
        /// the answer away.
        @Test func theAnswerSurvivesWhatIsLeftUnread() throws {
            let (cluster, leader, follower) = try Shared.roles()
            let behind = [UInt8](repeating: UInt8(ascii: "x"), count: 8 * 1_024 * 1_024)
            for node in [leader, follower] {
                for start in [
                    "GET /get HTTP/1.1\nHost: t\n\n",
                    "POST /set HTTP/1.1\r\nHost: t\r\nContent-Length: 8388608\r\n\r\n",
                    "GET /livez HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
                ] {
                    let connection = try cluster.connect(to: node)
                    try connection.send(Array(start.utf8) + behind)
                    try connection.finishSending()
                    let answer = try connection.readResponse(to: .post)
                    #expect([200, 400, 413].contains(answer.status))
                    #expect(!answer.keepAlive)
                    #expect(try connection.readUntilEnd().isEmpty)
                }
            }
        }

        @Test func whatFollowsIsNoRequestAnyMore() throws {
            let (cluster, leader, _) = try Shared.roles()
            _ = try cluster.request(.post, leader, "/set?value=1")
            let add = RawConnection.request(.post, "/add?value=1")
            // The first is still on its way through the log when the second is refused.
            let connection = try cluster.connect(to: leader)
            try connection.send(add + "GET /get HTTP/1.1\nHost: t\n\n" + add + add)
            #expect(try connection.readResponse(to: .post).text == "2\n")
            try expectProblem(connection.readResponse(), 400, "bad-request")
            #expect(try connection.readUntilEnd().isEmpty)
            // The same behind a request that asks for the end.
            let closing = try cluster.connect(to: leader)
            try closing.send(
                add + RawConnection.request(.post, "/add?value=1", headers: ["Connection: close"])
                    + add + add)
            #expect(try closing.readResponse(to: .post).text == "3\n")
            let last = try closing.readResponse(to: .post)
            #expect(last.text == "4\n")
            #expect(!last.keepAlive)
            #expect(try closing.readUntilEnd().isEmpty)
            #expect(try cluster.request(.get, leader, "/get").text == "4\n")
        }
    }
}
