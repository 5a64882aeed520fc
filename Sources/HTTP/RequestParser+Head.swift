import Primitives

extension RequestParser {
    /// What the head says about the body and the connection.
    struct Framing: Sendable {
        var contentLength: Int?
        var hasTransferCoding = false
        var hasHost = false
        var isHeadWhole = false
        private var expectsContinue = false

        mutating func expectContinue() {
            expectsContinue = true
        }

        /// True once, when the head is whole and the client waits for an interim answer.
        mutating func takeContinue() -> Bool {
            guard isHeadWhole, expectsContinue else { return false }
            expectsContinue = false
            return true
        }
    }

    /// RFC 9112 §3: method SP request-target SP HTTP-version, and single spaces only.
    mutating func readRequestLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(RequestFault) {
        let versionBytes = 8
        guard let space = bytes.firstIndex(of: .space, in: line), space > line.lowerBound,
            line.upperBound - versionBytes - 1 > space
        else { throw .malformedRequestLine }
        let method = line.lowerBound..<space
        for position in method {
            guard bytes[position].isTokenByte else { throw .malformedRequestLine }
        }
        let version = line.upperBound - versionBytes
        guard bytes[version - 1] == .space else { throw .malformedRequestLine }
        request.minorVersion = try minorVersion(bytes, at: version)
        // RFC 9112 §9.3 would let HTTP/1.0 go on with a keep-alive; here it is answered and closed.
        request.keepAlive = request.minorVersion > 0
        request.methodName = method
        request.method = Method(bytes, in: method)
        request.target = space + 1..<version - 1
        let target = try RequestTarget(bytes, in: request.target, method: request.method)
        request.path = target.path
        request.query = target.query
        request.authority = target.authority
    }

    /// RFC 9112 §2.3: `HTTP/` in capitals, a digit, a point and a digit.
    private func minorVersion(
        _ bytes: Span<UInt8>, at position: Int
    ) throws(RequestFault) -> Int {
        let major = bytes[position + 5]
        let minor = bytes[position + 7]
        guard bytes.spells("HTTP/", in: position..<position + 5), major.isDigit,
            bytes[position + 6] == UInt8(ascii: "."), minor.isDigit
        else { throw .malformedRequestLine }
        // RFC 9110 §15.6.6; checked before the target, so that HTTP/2's preface is told why.
        guard major == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return minor == UInt8(ascii: "0") ? 0 : 1
    }

    /// Takes what concerns framing or our callers from one field, and leaves the others.
    mutating func readField(_ bytes: Span<UInt8>, _ field: FieldLine) throws(RequestFault) {
        func named(_ text: StaticString) -> Bool { bytes.spellsAnyCase(text, in: field.name) }
        // RFC 9110 §5.1: names are case-insensitive. The length leaves one or two to compare.
        switch field.name.count {
        case 4 where named("host"):
            try readHost(bytes, field.value)
        case 6 where named("accept"):
            request.accept.add(bytes, in: field.value)
        case 6 where named("expect"):
            try readExpect(bytes, field.value)
        case 6 where named("origin"):
            try RequestParser.set(&request.origin, field.value)
        case 8 where named("if-match"):
            RequestParser.add(field.value, to: &request.ifMatch, &request.moreIfMatch)
        case 10 where named("connection"):
            readConnection(bytes, field.value)
        case 12 where named("content-type"):
            try RequestParser.set(&request.contentType, field.value)
        case 13 where named("if-none-match"):
            RequestParser.add(field.value, to: &request.ifNoneMatch, &request.moreIfNoneMatch)
        case 14 where named("content-length"):
            try ContentLength.add(bytes, in: field.value, to: &framing.contentLength)
        case 15 where named("idempotency-key"):
            try RequestParser.set(&request.idempotencyKey, field.value)
        case 16 where named("content-encoding"):
            // RFC 9110 §8.4.1: identity is reserved and means nothing was done.
            let isIdentity = bytes.spellsAnyCase("identity", in: field.value)
            request.hasContentCoding = request.hasContentCoding || !isIdentity
        case 17 where named("transfer-encoding"):
            try readTransferEncoding(bytes, field.value)
        case 17 where named("tally-first-index"):
            try RequestParser.set(&request.firstIndex, field.value)
        default:
            break
        }
    }

    /// RFC 9110 §5.3: a field that is no list comes once; which of two would count is a guess.
    private static func set(
        _ slot: inout Range<Int>?, _ value: Range<Int>
    ) throws(RequestFault) {
        guard slot == nil else { throw .repeatedField }
        slot = value
    }

    /// RFC 9110 §5.3: fields that are lists may come more than once.
    private static func add(
        _ value: Range<Int>, to first: inout Range<Int>?, _ more: inout [Range<Int>]
    ) {
        if first == nil { first = value } else { more.append(value) }
    }

    /// RFC 9112 §3.2: a missing, second or invalid Host is answered 400.
    private mutating func readHost(
        _ bytes: Span<UInt8>, _ value: Range<Int>
    ) throws(RequestFault) {
        guard !framing.hasHost else { throw .repeatedHost }
        guard Authority(bytes, in: value) != nil else { throw .invalidHost }
        framing.hasHost = true
        if request.authority == nil { request.authority = value }
    }

    /// RFC 9112 §9.6: `close` counts wherever it stands in the list.
    private mutating func readConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var options = ListElements(value)
        while let option = options.next(in: bytes) {
            if bytes.spellsAnyCase("close", in: option) { request.keepAlive = false }
        }
    }

    /// RFC 9110 §10.1.1: an unknown expectation is 417; a 100-continue in HTTP/1.0 is ignored.
    private mutating func readExpect(
        _ bytes: Span<UInt8>, _ value: Range<Int>
    ) throws(RequestFault) {
        var expectations = ListElements(value)
        while let expectation = expectations.next(in: bytes) {
            guard !expectation.isEmpty else { continue }
            guard bytes.spellsAnyCase("100-continue", in: expectation) else {
                throw .unsupportedExpectation
            }
            if request.minorVersion > 0 { framing.expectContinue() }
        }
    }

    /// RFC 9112 §6.1: chunked once and last; any other coding is 501, alone or before it.
    private mutating func readTransferEncoding(
        _ bytes: Span<UInt8>, _ value: Range<Int>
    ) throws(RequestFault) {
        var codings = ListElements(value)
        while let coding = codings.next(in: bytes) {
            for position in coding {
                guard bytes[position].isTokenByte else { throw .invalidTransferCoding }
            }
            guard !coding.isEmpty else { throw .invalidTransferCoding }
            guard bytes.spellsAnyCase("chunked", in: coding) else {
                throw .unsupportedTransferCoding
            }
            guard !framing.hasTransferCoding else { throw .invalidTransferCoding }
            framing.hasTransferCoding = true
        }
    }

    /// What follows the head (RFC 9112 §6.3).
    mutating func bodyPhase() throws(RequestFault) -> Phase {
        framing.isHeadWhole = true
        // RFC 9112 §3.2: every HTTP/1.1 request names its host, with an absolute target as well.
        guard framing.hasHost || request.minorVersion == 0 else { throw .missingHost }
        if framing.hasTransferCoding {
            // §6.1: a coding in HTTP/1.0 is faulty framing.
            guard request.minorVersion > 0 else { throw .transferCodingInHTTP10 }
            // §6.3 lets a server refuse both together, and closing is then its duty: smuggling.
            guard framing.contentLength == nil else { throw .lengthAndTransferCoding }
            return .chunkedBody
        }
        let length = framing.contentLength ?? 0
        guard length <= limits.bodyBytes else { throw .bodyTooLarge }
        return .sizedBody(length: length)
    }
}
