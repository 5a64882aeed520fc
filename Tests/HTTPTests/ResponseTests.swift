import Primitives
import Testing

@testable import HTTP

@Suite struct ResponseEncoderTests {
    private let encoder = ResponseEncoder(secondsSince1970: 784_111_777)

    @Test func aResponseByItsBytes() {
        var output: [UInt8] = Array("before".utf8)
        encoder.begin(.ok, closing: false, into: &output)
        encoder.field("Tally-Index", 7, into: &output)
        encoder.field("ETag", quoting: 7, into: &output)
        encoder.field("Tally-Node", Array("n1".utf8), into: &output)
        encoder.finish(Array("12\n".utf8), type: "text/plain", isHead: false, into: &output)
        #expect(
            text(output) == "beforeHTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Cache-Control: no-store\r\nTally-Index: 7\r\nETag: \"7\"\r\nTally-Node: n1\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 3\r\n\r\n12\n")
    }

    @Test func headHasTheLengthAndNoBody() {
        var output: [UInt8] = []
        encoder.begin(.methodNotAllowed, closing: true, into: &output)
        encoder.field("Allow", "POST", into: &output)
        encoder.finish(Array("12345".utf8), type: "text/plain", isHead: true, into: &output)
        #expect(
            text(output) == "HTTP/1.1 405 Method Not Allowed\r\n"
                + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\nConnection: close\r\nAllow: POST\r\n"
                + "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n")
    }

    @Test func theDateMoves() {
        var encoder = encoder
        var output: [UInt8] = []
        encoder.setDate(secondsSince1970: 784_111_778)
        encoder.begin(.ok, closing: false, into: &output)
        encoder.finish([], type: "text/plain", isHead: false, into: &output)
        #expect(
            text(output) == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n"
                + "Cache-Control: no-store\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 0\r\n\r\n")
    }

    /// RFC 9110 §8.6: 204 and 304 have no content, and say nothing of its length.
    @Test func noContentHasNoLength() throws {
        for status in [Status.noContent, .notModified] {
            var output: [UInt8] = []
            encoder.begin(status, closing: false, into: &output)
            encoder.field("Allow", "GET", into: &output)
            encoder.finishWithoutContent(into: &output)
            #expect(
                text(output) == "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n"
                    + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-store\r\n"
                    + "Allow: GET\r\n\r\n")
            var parser = ResponseParser(answering: .get)
            #expect(try parser.receive(output)?.status == status.rawValue)
        }
    }

    @Test func aLocationHasPathAndQueryAsTheyCame() {
        func location(_ target: String, authority: String = "127.0.0.1:8002") -> String? {
            let bytes = Array("POST \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            guard case .request(let request, _) = parse(bytes).1 else { return nil }
            var output: [UInt8] = []
            var target: [UInt8] = []
            request.appendLocalTarget(from: bytes, to: &target)
            let isWhole = encoder.location(
                authority: Array(authority.utf8), target: target, into: &output)
            #expect(isWhole != output.isEmpty)
            return isWhole ? text(output) : nil
        }
        #expect(
            location("/add?value=5&x=%0d%0A+")
                == "Location: http://127.0.0.1:8002/add?value=5&x=%0d%0A+\r\n")
        #expect(location("//evil/x?") == "Location: http://127.0.0.1:8002//evil/x?\r\n")
        #expect(location("http://other/p?q") == "Location: http://127.0.0.1:8002/p?q\r\n")
        #expect(location("http://other?q") == "Location: http://127.0.0.1:8002/?q\r\n")
        #expect(location("http://other") == "Location: http://127.0.0.1:8002/\r\n")
        #expect(location("/", authority: "[::1]:1") == "Location: http://[::1]:1/\r\n")
        for wrong in ["", "a\r\nX: y", "a b", "a/b", "u@a", "a:x", "\u{0}"] {
            #expect(location("/", authority: wrong) == nil)
        }
    }

    @Test func fieldValuesAreChecked() {
        #expect(ResponseEncoder.isFieldValueSafe(Array("a b\té".utf8)))
        for control in Array(UInt8(0)..<32) + [127] where control != 9 {
            #expect(!ResponseEncoder.isFieldValueSafe([65, control, 66]))
        }
    }

    @Test func everyStatusLineIsRead() throws {
        for status in Status.allCases {
            var output: [UInt8] = []
            encoder.begin(status, closing: true, into: &output)
            encoder.finish([1, 2], type: "text/plain", isHead: false, into: &output)
            var parser = ResponseParser(answering: .get)
            let response = try #require(try parser.receive(output))
            #expect(response.status == status.rawValue)
            let hasContent = status != .noContent && status != .notModified
            #expect(response.body == (hasContent ? [1, 2] : []) && !response.keepAlive)
        }
    }
}

@Suite struct ResponseParserTests {
    private static let good: [(bytes: String, body: String, keepAlive: Bool)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n12\n", "12\n", true),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", "", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false),
        ("HTTP/1.1 204 No Content\r\n\r\n", "", true),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n",
            "abc", true
        ),
    ]

    @Test func responsesAreReadHoweverTheyAreCut() throws {
        for (string, body, keepAlive) in ResponseParserTests.good {
            let bytes = Array(string.utf8)
            for cut in 0..<bytes.count {
                var parser = ResponseParser(answering: .post)
                #expect(try parser.receive(bytes[..<cut]) == nil)
                let response = try #require(try parser.receive(bytes[cut...]))
                #expect(text(response.body) == body && response.keepAlive == keepAlive)
            }
            var parser = ResponseParser(answering: .post)
            for byte in bytes.dropLast() { #expect(try parser.receive([byte]) == nil) }
            #expect(try parser.receive([try #require(bytes.last)])?.body == Array(body.utf8))
        }
    }

    @Test func oneConnectionCarriesMany() throws {
        var parser = ResponseParser(answering: .head)
        let all =
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTally-Node: n1\r\n\r\n"
            + "HTTP/1.1 307 Temporary Redirect\r\nlocation:  http://a/x \r\nContent-Length: 0\r\n\r\n"
        let head = try #require(try parser.receive(Array(all.utf8)))
        #expect(head.status == 200 && head.body.isEmpty && head["tally-node"] == "n1")
        parser.expect(answerTo: .post)
        let redirect = try #require(try parser.receive([]))
        #expect(redirect.status == 307 && redirect["Location"] == "http://a/x")
        #expect(redirect["Tally-Node"] == nil && redirect.keepAlive)
        parser.expect(answerTo: .post)
        #expect(try parser.receive([]) == nil)
    }

    @Test func aBodyMayEndWithTheConnection() throws {
        var parser = ResponseParser(answering: .get)
        #expect(try parser.receive(Array("HTTP/1.1 200 OK\r\n\r\nab".utf8)) == nil)
        #expect(try parser.receive(Array("c".utf8)) == nil)
        let response = try parser.connectionEnded()
        #expect(text(response.body) == "abc" && !response.keepAlive)
    }

    @Test func endsTooEarly() throws {
        for short in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"] {
            var parser = ResponseParser(answering: .get)
            #expect(try parser.receive(Array(short.utf8)) == nil)
            #expect(throws: ResponseFault.truncated) { try parser.connectionEnded() }
        }
    }

    @Test func badResponsesAreRefused() {
        let cases: [(String, ResponseFault)] = [
            ("HTTP/2 200 OK\r\n\r\n", .malformed),
            ("HTTP/1.1 99 X\r\n\r\n", .malformed),
            ("HTTP/1.1 600 X\r\n\r\n", .malformed),
            ("HTTP/1.1 2000 X\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\nX: y\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nX y\r\n\r\n", .malformed),
            ("HTTP/1.1 101 Switching\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .malformed),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                .malformed
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", .tooLarge),
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 17_000), .tooLarge),
            (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 65), .tooLarge),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "z", count: 1_048_577), .tooLarge),
        ]
        for (string, fault) in cases {
            var parser = ResponseParser(answering: .get)
            #expect(throws: fault, "\(string.prefix(80))") {
                try parser.receive(Array(string.utf8))
            }
        }
    }
}

@Suite struct RequestEncoderTests {
    @Test func theParserReadsWhatTheEncoderWrites() throws {
        let url = try #require(HTTPURL("http://[::1]:8001/add?value=5#top"))
        let bytes = RequestEncoder.encode(
            .post, url,
            fields: [.init("Idempotency-Key", "k1"), .init("Accept", "application/json")],
            body: Array("hello".utf8))
        #expect(
            text(bytes)
                == "POST /add?value=5 HTTP/1.1\r\nHost: [::1]:8001\r\nIdempotency-Key: k1\r\n"
                + "Accept: application/json\r\nContent-Length: 5\r\n\r\nhello")
        let (parser, progress) = parse(bytes)
        guard case .request(let request, let consumed) = progress else {
            Issue.record("\(progress)")
            return
        }
        #expect(consumed == bytes.count && request.accept.prefersJSON)
        #expect(text(parser.body(of: request, in: bytes)) == "hello")
        let bare = RequestEncoder.encode(.get, url)
        #expect(text(bare) == "GET /add?value=5 HTTP/1.1\r\nHost: [::1]:8001\r\n\r\n")
    }

    @Test func addressesAreTakenApart() throws {
        let full = try #require(HTTPURL("HTTP://n1.example:8001/a?b"))
        #expect(full.address.description == "n1.example:8001" && full.target == "/a?b")
        let bare = try #require(HTTPURL("http://n1"))
        #expect(bare.address.description == "n1:80" && bare.target == "/")
        let query = try #require(HTTPURL("http://[::1]:1?q"))
        #expect(
            query.address.hostText == "::1" && query.target == "/?q" && query.authority == "[::1]:1"
        )
        let other = try #require(HTTPURL(Address("a:1"), target: "/get"))
        #expect(other.authority == "a:1" && other.target == "/get")
        for wrong in [
            "", "/", "*", "a:1", "https://a/", "http://", "http:///x", "http://a b/", "http://u@a/",
            "http://a:x/", "http://a:0/", "http://a~b/", "http://1.2.3/", "http://a/\r\nX: y",
            "http://a/é", "#http://a/",
        ] {
            #expect(HTTPURL(wrong) == nil, "\(wrong)")
        }
        for target in ["get", "", "/a b", "/a\r\n", "?q"] {
            #expect(try HTTPURL(Address("a:1"), target: target) == nil, "\(target)")
        }
    }
}
