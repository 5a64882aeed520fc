import Testing

@testable import HTTP

/// What a parser tells of a request that is not whole, or not right.
@Suite struct RequestHeadTests {
    /// RFC 9110 §9.3.2: what HEAD asked has no content, whatever became of it.
    @Test(arguments: [
        "HEAD * HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD  / HTTP/1.1\r\n", "HEAD\r\n", "HEAD /x\r\n",
        "HEAD / HTTP/2.0\r\n", "HEAD / HTTP/1.1\nHost: a\n\n", "\r\nHEAD / HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n", "HEAD / HTTP/1.1\r\nHost: a b\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HEAD /" + String(repeating: "x", count: 5_000),
        "HEAD / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 9_000),
    ])
    func aRefusedHeadIsKnownAsOne(_ text: String) {
        let bytes = Array(text.utf8)
        // In one piece, and byte by byte in a buffer that moves.
        var parser = RequestParser()
        guard case .refused = parser.parse(bytes, from: 0, to: bytes.count) else {
            Issue.record("\(text) is not refused")
            return
        }
        #expect(parser.isHead)
        var slow = RequestParser()
        for end in 1...bytes.count {
            let shifted = [UInt8](repeating: 0, count: end % 5) + bytes[..<end]
            let progress = slow.parse(shifted, from: end % 5, to: shifted.count)
            if case .refused = progress { break }
        }
        #expect(slow.isHead)
    }

    @Test(arguments: [
        "GET * HTTP/1.1\r\n", "HEAD", "HEADS / HTTP/2.0\r\n", "head / HTTP/2.0\r\n",
        " HEAD / x\r\n",
        "GET / HTTP/2.0\r\nHEAD / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n", "",
    ])
    func othersAreNot(_ text: String) {
        let bytes = Array(text.utf8)
        var parser = RequestParser()
        _ = parser.parse(bytes, from: 0, to: bytes.count)
        #expect(!parser.isHead)
    }

    @Test func aHeadThatIsNotWholeIsKnownAsOne() {
        for text in ["HEAD ", "HEAD /g", "HEAD / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\nX"] {
            var parser = RequestParser()
            let bytes = Array(text.utf8)
            #expect(parser.parse(bytes, from: 0, to: bytes.count) == .needsMore)
            #expect(parser.isHead, "\(text)")
        }
    }

    @Test func anEmptyLineBeginsNoRequest() throws {
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var parser = RequestParser()
        #expect(parser.isBetweenRequests)
        #expect(parser.parse(request, from: 0, to: 5) == .needsMore)
        #expect(!parser.isBetweenRequests)
        guard case .request = parser.parse(request, from: 0, to: request.count) else {
            Issue.record("no request")
            return
        }
        #expect(parser.isBetweenRequests)
        let behind = Array("\r\nG".utf8)
        for end in 1...2 {
            #expect(parser.parse(behind, from: 0, to: end) == .needsMore)
            #expect(parser.isBetweenRequests)
        }
        #expect(parser.parse(behind, from: 0, to: 3) == .needsMore)
        #expect(!parser.isBetweenRequests)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "a:80"),
        // RFC 9112 §3.2.2: the target's authority counts, and Host is ignored.
        ("GET http://b:1/ HTTP/1.1\r\nHost: a:80\r\n\r\n", "b:1"),
        ("GET / HTTP/1.0\r\n\r\n", nil), ("GET http://b HTTP/1.0\r\n\r\n", "b"),
    ])
    func whoIsAskedIsKnown(_ text: String, _ authority: String?) throws {
        let bytes = Array(text.utf8)
        guard case .request(let request, _) = parse(bytes).1 else {
            Issue.record("\(text) is no request")
            return
        }
        #expect(request.authority.map { HTTPTests.text(bytes[$0]) } == authority)
    }
}
