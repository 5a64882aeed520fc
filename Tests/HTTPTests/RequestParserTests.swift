import Testing

@testable import HTTP

/// What a parser answers to bytes that come in pieces cut at these places; interim answers are
/// counted, not returned.
func parse(
    _ bytes: [UInt8], cuts: some Sequence<Int> = [], interim: inout Int
) -> (RequestParser, RequestParser.Progress) {
    var parser = RequestParser()
    for end in Array(cuts) + [bytes.count] {
        let progress = parser.parse(bytes, from: 0, to: end)
        switch progress {
        case .needsMore: continue
        case .needsContinue: interim += 1
        case .request, .refused: return (parser, progress)
        }
    }
    return (parser, .needsMore)
}

func parse(_ bytes: [UInt8]) -> (RequestParser, RequestParser.Progress) {
    var interim = 0
    return parse(bytes, interim: &interim)
}

func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct RequestParserTests {
    @Test(arguments: RequestCorpus.good)
    func goodRequestsAreRead(_ good: RequestCorpus.Good) throws {
        let bytes = good.bytes
        let (parser, progress) = parse(bytes)
        guard case .request(let request, let consumed) = progress else {
            Issue.record("\(good.text) is \(progress)")
            return
        }
        #expect(consumed == bytes.count)
        #expect(request.method == good.method)
        #expect(text(bytes[request.path]) == good.path)
        #expect(request.query.map { text(bytes[$0]) } == good.query)
        #expect(text(parser.body(of: request, in: bytes)) == good.body)
        #expect(request.keepAlive == good.keepAlive)
        let line = good.text.drop { $0 == "\r\n" }.split(separator: " ")
        #expect(text(bytes[request.methodName]) == line[0])
        #expect(text(bytes[request.target]) == line[1])
    }

    @Test(arguments: RequestCorpus.bad)
    func badRequestsAreRefused(_ bad: RequestCorpus.Bad) {
        var (parser, progress) = parse(bad.bytes)
        #expect(progress == .refused(bad.fault), "\(text(bad.bytes))")
        // A refusal is for good: what follows is not taken for a request.
        let next = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(parser.parse(next, from: 0, to: next.count) == .refused(bad.fault))
    }

    /// However the bytes are cut, the same comes out, for the same reason.
    @Test func everySplitGivesTheSame() {
        for bytes in RequestCorpus.good.map(\.bytes) + RequestCorpus.bad.map(\.bytes) {
            let (whole, expected) = parse(bytes)
            var interim = 0
            for cut in 0...bytes.count {
                let (parser, progress) = parse(bytes, cuts: [cut], interim: &interim)
                #expect(progress == expected, "\(text(bytes)) cut at \(cut)")
                expectSameBody(parser, whole, expected, bytes)
            }
            interim = 0
            let (parser, progress) = parse(bytes, cuts: 0..<bytes.count, interim: &interim)
            #expect(progress == expected, "\(text(bytes)) byte by byte")
            #expect(interim == (text(bytes).contains("100-Continue") ? 1 : 0))
            expectSameBody(parser, whole, expected, bytes)
        }
    }

    private func expectSameBody(
        _ one: RequestParser, _ other: RequestParser, _ progress: RequestParser.Progress,
        _ bytes: [UInt8]
    ) {
        guard case .request(let request, _) = progress else { return }
        #expect(one.body(of: request, in: bytes) == other.body(of: request, in: bytes))
    }

    /// A server moves the unconsumed bytes to the front of its buffer between two reads.
    @Test func theBytesMayMoveBetweenCalls() throws {
        for good in RequestCorpus.good {
            let bytes = good.bytes
            let padding = [UInt8](repeating: UInt8(ascii: "#"), count: 100)
            for cut in 0..<bytes.count {
                var parser = RequestParser()
                let first = padding + bytes[..<cut]
                let early = parser.parse(first, from: 100, to: first.count)
                #expect(early == .needsMore || early == .needsContinue)
                guard
                    case .request(let request, let consumed) = parser.parse(
                        bytes, from: 0, to: bytes.count)
                else {
                    Issue.record("\(good.text) moved at \(cut)")
                    continue
                }
                #expect(consumed == bytes.count)
                #expect(text(bytes[request.path]) == good.path)
                #expect(request.query.map { text(bytes[$0]) } == good.query)
                #expect(text(parser.body(of: request, in: bytes)) == good.body)
            }
        }
    }

    @Test func pipelinedRequestsComeOneByOne() {
        let all = RequestCorpus.good.flatMap(\.bytes)
        var parser = RequestParser()
        var position = 0
        for good in RequestCorpus.good {
            guard
                case .request(let request, let consumed) = parser.parse(
                    all, from: position, to: all.count)
            else {
                Issue.record("\(good.text) in a row")
                return
            }
            #expect(consumed == good.bytes.count)
            #expect(text(all[request.path]) == good.path)
            #expect(text(parser.body(of: request, in: all)) == good.body)
            #expect(request.isBodyDecoded == good.text.contains("chunked"))
            position += consumed
        }
        #expect(position == all.count)
        #expect(parser.parse(all, from: position, to: all.count) == .needsMore)
    }

    @Test func continueIsAskedForOnceAndOnlyForABodyThatIsMissing() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
        let sized = Array((head + "Content-Length: 2\r\n\r\nok").utf8)
        var parser = RequestParser()
        #expect(parser.parse(sized, from: 0, to: 20) == .needsMore)
        #expect(parser.parse(sized, from: 0, to: sized.count - 2) == .needsContinue)
        #expect(parser.parse(sized, from: 0, to: sized.count - 2) == .needsMore)
        #expect(parser.parse(sized, from: 0, to: sized.count - 1) == .needsMore)
        let chunked = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
        var waiting = RequestParser()
        #expect(waiting.parse(chunked, from: 0, to: chunked.count) == .needsContinue)
        // Part of the body is there: the client did not wait (RFC 9110 §10.1.1).
        var eager = RequestParser()
        #expect(eager.parse(sized, from: 0, to: sized.count - 1) == .needsMore)
        // HTTP/1.0 knows no interim answers.
        let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        #expect(parse(Array(old.utf8)).1 == .needsMore)
        // A body that would be refused is refused before it is sent.
        let huge = head + "Content-Length: 4097\r\n\r\n"
        #expect(parse(Array(huge.utf8)).1 == .refused(.bodyTooLarge))
    }

    @Test func fieldsAreKept() throws {
        let bytes = Array(
            ("POST /set HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k 1\r\nIf-Match: \"7\"\r\n"
                + "Tally-First-Index: 12\r\nIf-Match: \"8\"\r\n"
                + "If-None-Match: *\r\nContent-Type:\ttext/plain; charset=utf-8\r\n"
                + "Accept: text/html\r\nAccept: application/json\r\nContent-Encoding: gzip\r\n\r\n")
                .utf8)
        guard case .request(let request, _) = parse(bytes).1 else {
            Issue.record("no request")
            return
        }
        #expect(text(bytes[try #require(request.idempotencyKey)]) == "k 1")
        #expect(text(bytes[try #require(request.firstIndex)]) == "12")
        #expect(text(bytes[try #require(request.ifMatch)]) == "\"7\"")
        #expect(request.moreIfMatch.map { text(bytes[$0]) } == ["\"8\""])
        #expect(text(bytes[try #require(request.ifNoneMatch)]) == "*")
        #expect(text(bytes[try #require(request.contentType)]) == "text/plain; charset=utf-8")
        #expect(request.accept.prefersJSON)
        #expect(request.hasContentCoding)
        #expect(request.hasPath("/set", in: bytes))
        #expect(!request.hasPath("/", in: bytes) && !request.hasPath("/se", in: bytes))
        guard case .request(let plain, _) = parse(RequestCorpus.good[0].bytes).1 else {
            Issue.record("no request")
            return
        }
        #expect(plain.idempotencyKey == nil && plain.ifMatch == nil && plain.ifNoneMatch == nil)
        #expect(!plain.hasContentCoding && !plain.accept.prefersJSON)
    }

    /// Everything that HTTP/1.1 forbids in a head is refused wherever it stands.
    @Test func controlBytesAreRefusedAtEveryPlace() {
        let bytes = Array("GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n".utf8)
        for position in bytes.indices where position != bytes.count - 1 {
            for control in Array(UInt8(0)...8) + Array(11...12) + Array(14...31) + [127] {
                var damaged = bytes
                damaged.insert(control, at: position)
                guard case .refused = parse(damaged).1 else {
                    Issue.record("\(control) at \(position)")
                    continue
                }
            }
        }
    }

    @Test func everyFaultHasAnAnswer() {
        let codes: Set<String> = [
            "bad-request", "body-too-large", "target-too-long", "headers-too-large",
            "not-supported",
        ]
        for fault in RequestFault.allCases {
            #expect(codes.contains("\(fault.code)"))
            #expect((400...505).contains(fault.status.rawValue))
            #expect((fault.status == .badRequest) == ("\(fault.code)" == "bad-request"))
        }
        #expect(RequestFault.unsupportedVersion.status.rawValue == 505)
        #expect(RequestFault.unsupportedExpectation.status.rawValue == 417)
        #expect(RequestFault.unsupportedTransferCoding.status.rawValue == 501)
        #expect(RequestFault.headersTooLarge.status.rawValue == 431)
        #expect(RequestFault.targetTooLong.status.rawValue == 414)
        #expect(RequestFault.bodyTooLarge.status.rawValue == 413)
    }
}
