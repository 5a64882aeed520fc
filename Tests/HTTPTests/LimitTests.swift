import Testing

@testable import HTTP

/// Each limit, met exactly and passed by one.
@Suite struct LimitTests {
    private let limits = Limits.request

    private func isAccepted(_ text: String) -> Bool {
        if case .request = parse(Array(text.utf8)).1 { return true }
        return false
    }

    private func fault(_ text: String) -> RequestFault? {
        if case .refused(let fault) = parse(Array(text.utf8)).1 { return fault }
        return nil
    }

    @Test func requestLine() {
        func line(_ count: Int) -> String {
            let path = String(repeating: "a", count: count - "GET / HTTP/1.1".utf8.count)
            return "GET /" + path + " HTTP/1.1"
        }
        let rest = "\r\nHost: a\r\n\r\n"
        #expect(isAccepted(line(limits.startLineBytes) + rest))
        #expect(fault(line(limits.startLineBytes + 1) + rest) == .targetTooLong)
        // Without an end in sight it is refused at the byte that is too many.
        let endless = String(repeating: "a", count: limits.startLineBytes)
        #expect(parse(Array(endless.utf8)).1 == .needsMore)
        #expect(fault(endless + "a") == .targetTooLong)
    }

    @Test func headerBytes() {
        let host = "Host: a\r\n"
        func fields(_ count: Int) -> String {
            let value = String(
                repeating: "v", count: count - host.utf8.count - "X: \r\n".utf8.count)
            return "GET / HTTP/1.1\r\n" + host + "X: " + value + "\r\n\r\n"
        }
        #expect(isAccepted(fields(limits.headerBytes)))
        #expect(fault(fields(limits.headerBytes + 1)) == .headersTooLarge)
    }

    @Test func headerFields() {
        func fields(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: count - 1)
                + "\r\n"
        }
        #expect(isAccepted(fields(limits.headerFields)))
        #expect(fault(fields(limits.headerFields + 1)) == .headersTooLarge)
    }

    @Test func trailersCountAsFields() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let most = String(repeating: "X: y\r\n", count: limits.headerFields - 2)
        #expect(isAccepted(head + most + "\r\n"))
        #expect(fault(head + most + "X: y\r\n\r\n") == .headersTooLarge)
        let long = "X: " + String(repeating: "y", count: limits.headerBytes)
        #expect(fault(head + long) == .headersTooLarge)
    }

    @Test func sizedBody() {
        func sized(_ count: Int) -> String {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
                + String(repeating: "b", count: count)
        }
        #expect(isAccepted(sized(limits.bodyBytes)))
        #expect(fault(sized(limits.bodyBytes + 1)) == .bodyTooLarge)
    }

    @Test func chunkedBody() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let most = String(repeating: "1\r\nx\r\n", count: limits.bodyBytes)
        let bytes = Array((head + most + "0\r\n\r\n").utf8)
        let (parser, progress) = parse(bytes)
        guard case .request(let request, let consumed) = progress else {
            Issue.record("chunks of one byte: \(progress)")
            return
        }
        #expect(consumed == bytes.count && consumed <= limits.messageBytes)
        #expect(
            parser.body(of: request, in: bytes)
                == [UInt8](repeating: UInt8(ascii: "x"), count: limits.bodyBytes)[...])
        #expect(fault(head + most + "1\r\n") == .bodyTooLarge)
        // Long extensions on small chunks come to their own end.
        let chatty = "1;" + String(repeating: "e", count: 200) + "\r\nx\r\n"
        #expect(fault(head + String(repeating: chatty, count: 200)) == .bodyTooLarge)
    }

    /// The largest request that is accepted fits the bound that the server sizes its buffer by.
    @Test func aFullBufferIsAlwaysAnswered() {
        for filler in Array("a\r\n:; 1".utf8) {
            for start in ["", "GET /", "GET / HTTP/1.1\r\nX:", "GET / HTTP/1.1\r\n"] {
                let bytes =
                    Array(start.utf8) + [UInt8](repeating: filler, count: limits.messageBytes)
                guard case .refused = parse(bytes).1 else {
                    Issue.record("\(start) and \(filler)")
                    continue
                }
            }
        }
    }
}
