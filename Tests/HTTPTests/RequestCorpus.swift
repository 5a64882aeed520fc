import HTTP

/// Requests as bytes, with what they come to.
enum RequestCorpus {
    /// A request that is accepted: its bytes, path, query and body.
    struct Good: Sendable {
        let text: String
        let method: Method
        let path: String
        var query: String?
        var body = ""
        var keepAlive = true

        var bytes: [UInt8] { Array(text.utf8) }
    }

    /// A request that is refused, and why.
    struct Bad: Sendable {
        let bytes: [UInt8]
        let fault: RequestFault

        init(_ text: String, _ fault: RequestFault) {
            bytes = Array(text.utf8)
            self.fault = fault
        }
    }

    private static let host = "Host: a\r\n"
    private static let chunked =
        "POST /add HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    static let good: [Good] = [
        Good(text: "GET /get HTTP/1.1\r\nHost: a\r\n\r\n", method: .get, path: "/get"),
        Good(
            text: "POST /add?value=5 HTTP/1.1\r\nHost: 127.0.0.1:8001\r\nUser-Agent: curl/8.5.0\r\n"
                + "Accept: */*\r\n\r\n",
            method: .post, path: "/add", query: "value=5"),
        Good(
            text: "POST /set HTTP/1.1\r\nhOsT:[::1]:8001 \t\r\ncontent-LENGTH:  7 \r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\nvalue=1",
            method: .post, path: "/set", body: "value=1"),
        Good(
            text: "\r\nHEAD /a?b?c=/ HTTP/1.1\r\nHost: a:\r\nConnection: x, Close\r\n\r\n",
            method: .head, path: "/a", query: "b?c=/", keepAlive: false),
        Good(
            text:
                "POST /x? HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nContent-Length: 05\r\n\r\n"
                + "a\u{0}\r\nb",
            method: .post, path: "/x", query: "", body: "a\u{0}\r\nb"),
        Good(
            text: "POST HTTP://h.example:80/p?q HTTP/1.1\r\nHost: other\r\n\r\n",
            method: .post, path: "/p", query: "q"),
        Good(
            text: "GET http://h?q HTTP/1.9\r\nHost: a\r\n\r\n", method: .get, path: "", query: "q"),
        Good(text: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", method: .options, path: "*"),
        Good(
            text: "get //h/%zz HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX: \u{E9}\r\n\r\n",
            method: .other,
            path: "//h/%zz"),
        Good(text: "GET / HTTP/1.0\r\n\r\n", method: .get, path: "/", keepAlive: false),
        Good(
            text: "PUT / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nz",
            method: .put, path: "/", body: "z", keepAlive: false),
        Good(
            text:
                "POST /add HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
            method: .post, path: "/add", body: "hi"),
        Good(
            text: chunked + "5\r\nhello\r\n0006;a;b=c; d = \"x;\\\"\" \t;e\r\n world\r\n0\r\n\r\n",
            method: .post, path: "/add", body: "hello world"),
        Good(
            text: chunked + "A\r\n0123456789\r\n00\r\nTrailer: 1\r\nContent-Length: 9\r\n\r\n",
            method: .post, path: "/add", body: "0123456789"),
        Good(
            text:
                "POST /set?value=1 HTTP/1.1\r\nHost: a\r\nIf-Match: \"1\"\r\nif-match: \"2\"\r\n\r\n",
            method: .post, path: "/set", query: "value=1"),
        Good(
            text: "DELETE /members/n4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
                + "Expect: 100-continue\r\n\r\n",
            method: .delete, path: "/members/n4"),
    ]

    static let bad: [Bad] = startLines + fields + framing + chunks

    private static let startLines: [Bad] = [
        Bad("GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed),
        Bad("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
        Bad("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
        Bad("GET / HTTP/1.1\r\rHost: a\r\n\r\n", .bareCarriageReturn),
        Bad("GET /\u{0} HTTP/1.1\r\n" + host + "\r\n", .controlByte),
        Bad("GET /\u{7F} HTTP/1.1\r\n" + host + "\r\n", .controlByte),
        Bad("\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET / HTTP/1.1 \r\n" + host + "\r\n", .malformedRequestLine),
        Bad(" GET / HTTP/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET  HTTP/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET /\r\n", .malformedRequestLine),
        Bad("GET\t/ HTTP/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("G(T / HTTP/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET / http/1.1\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET / HTTP/1.10\r\n" + host + "\r\n", .malformedRequestLine),
        Bad("GET / HTTP/2.0\r\n" + host + "\r\n", .unsupportedVersion),
        Bad("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        Bad("GET / / HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET  / HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET /a\tb HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET /\u{E9} HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET /a#b HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET get HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET * HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET ?a HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET a:80 HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("CONNECT a:80 HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("CONNECT / HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET ftp://a/ HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET http:///x HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
        Bad("GET http://u@a/x HTTP/1.1\r\n" + host + "\r\n", .invalidTarget),
    ]

    private static let fields: [Bad] = [
        Bad("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        Bad("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", .bareCarriageReturn),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{0}c\r\n\r\n", .controlByte),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{1B}c\r\n\r\n", .controlByte),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", .foldedField),
        Bad("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .foldedField),
        Bad("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .spaceBeforeColon),
        Bad("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .spaceBeforeColon),
        Bad("GET / HTTP/1.1\r\nHost\r\n\r\n", .malformedField),
        Bad("GET / HTTP/1.1\r\nHost a\r\n\r\n", .malformedField),
        Bad("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .malformedField),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nX[]: b\r\n\r\n", .malformedField),
        Bad("GET / HTTP/1.1\r\n\r\n", .missingHost),
        Bad("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        Bad("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
        Bad("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", .repeatedHost),
        Bad("GET / HTTP/1.1\r\nHost:\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nHost: []\r\n\r\n", .invalidHost),
        Bad("GET / HTTP/1.1\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n", .repeatedField),
        Bad(
            "GET / HTTP/1.1\r\nTally-First-Index: 1\r\ntally-first-index: 1\r\n\r\n", .repeatedField
        ),
        Bad("GET / HTTP/1.1\r\nOrigin: null\r\norigin: null\r\n\r\n", .repeatedField),
        Bad("GET / HTTP/1.1\r\nIdempotency-Key: a\r\nIDEMPOTENCY-KEY: a\r\n\r\n", .repeatedField),
        Bad("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", .unsupportedExpectation),
    ]

    private static let framing: [Bad] = [
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: \r\n\r\n", .invalidContentLength),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", .invalidContentLength),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n", .invalidContentLength),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\n", .invalidContentLength),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: 1 1\r\n\r\n", .invalidContentLength),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: 5,\r\n\r\n", .invalidContentLength),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 5, 6\r\n\r\n", .differingContentLengths),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
            .differingContentLengths),
        Bad("POST / HTTP/1.1\r\n" + host + "Content-Length: 4097\r\n\r\n", .bodyTooLarge),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n",
            .bodyTooLarge),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551617\r\n\r\n",
            .bodyTooLarge),
        Bad(
            "POST / HTTP/1.1\r\n" + host
                + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .lengthAndTransferCoding),
        Bad("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCodingInHTTP10),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
            .unsupportedTransferCoding),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n",
            .unsupportedTransferCoding),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
            .unsupportedTransferCoding),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n",
            .invalidTransferCoding),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked;q=1\r\n\r\n",
            .invalidTransferCoding),
        Bad("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding:\r\n\r\n", .invalidTransferCoding),
        Bad(
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: \u{B}chunked\r\n\r\n", .controlByte),
    ]

    private static let chunks: [Bad] = [
        Bad(chunked + "\r\n", .malformedChunk),
        Bad(chunked + "g\r\n", .malformedChunk),
        Bad(chunked + "-1\r\n", .malformedChunk),
        Bad(chunked + " 1\r\na\r\n", .malformedChunk),
        Bad(chunked + "1 \r\na\r\n", .malformedChunk),
        Bad(chunked + "0x1\r\na\r\n", .malformedChunk),
        Bad(chunked + "1;\r\na\r\n", .malformedChunk),
        Bad(chunked + "1;a=\r\na\r\n", .malformedChunk),
        Bad(chunked + "1;a=\"b\r\na\r\n", .malformedChunk),
        Bad(chunked + "1;a b\r\na\r\n", .malformedChunk),
        Bad(chunked + "1;" + String(repeating: "a", count: 255) + "\r\n", .malformedChunk),
        Bad(chunked + "1\na\r\n", .bareLineFeed),
        Bad(chunked + "1;a=\"\u{0}\"\r\n", .controlByte),
        Bad(chunked + "1\r\nab\r\n", .malformedChunk),
        Bad(chunked + "1\r\na\n", .malformedChunk),
        Bad(chunked + "1\r\na\rb", .malformedChunk),
        Bad(chunked + "1001\r\n", .bodyTooLarge),
        Bad(chunked + "7fffffffffffffff\r\n", .bodyTooLarge),
        Bad(chunked + "fffffffffffffffffffffffff\r\n", .bodyTooLarge),
        Bad(chunked + "1\r\na\r\n1000\r\n", .bodyTooLarge),
        Bad(chunked + "0\r\n folded\r\n\r\n", .foldedField),
        Bad(chunked + "0\r\nno colon\r\n\r\n", .malformedField),
        Bad(chunked + "0\r\nX: 1\n\r\n", .bareLineFeed),
    ]
}
