/// One request, as ranges into the receive buffer that it was parsed from.
///
/// The ranges hold until bytes are taken from the front of that buffer.
public struct Request: Sendable, Equatable {
    /// What is asked for.
    public internal(set) var method = Method.other

    /// The bytes of the method.
    public internal(set) var methodName = 0..<0

    /// The request target as it came: visible ASCII without `#`.
    public internal(set) var target = 0..<0

    /// The target's path as it came, percent-escapes and all; empty means `/`.
    public internal(set) var path = 0..<0

    /// The target's query as it came, without its question mark.
    public internal(set) var query: Range<Int>?

    /// The minor version that the client speaks: 0 or 1 (a higher one is taken for 1, RFC 9110 §2.5).
    public internal(set) var minorVersion = 1

    /// Whether the connection goes on after the answer.
    public internal(set) var keepAlive = true

    /// The value of Content-Type.
    public internal(set) var contentType: Range<Int>?

    /// The value of Idempotency-Key.
    public internal(set) var idempotencyKey: Range<Int>?

    /// The value of Tally-First-Index.
    public internal(set) var firstIndex: Range<Int>?

    /// The value of the first If-Match field.
    public internal(set) var ifMatch: Range<Int>?

    /// The values of further If-Match fields: all together are one list (RFC 9110 §5.3).
    public internal(set) var moreIfMatch: [Range<Int>] = []

    /// The value of the first If-None-Match field.
    public internal(set) var ifNoneMatch: Range<Int>?

    /// The values of further If-None-Match fields, one list as well.
    public internal(set) var moreIfNoneMatch: [Range<Int>] = []

    /// The authority that is asked: an absolute target's own, or Host's (RFC 9112 §3.2.2, §3.3). Nil
    /// where an HTTP/1.0 request has neither.
    public internal(set) var authority: Range<Int>?

    /// The value of Origin: the page on whose behalf a browser asks (RFC 6454 §7).
    public internal(set) var origin: Range<Int>?

    /// What the Accept fields, all together, say about the two media types of the answers.
    public internal(set) var accept = Accept()

    /// Whether the content is compressed or otherwise coded (RFC 9110 §8.4).
    public internal(set) var hasContentCoding = false

    /// Where the body lies in what `RequestParser.bodySource(of:in:)` returns.
    public internal(set) var body = 0..<0

    /// Whether the body came in chunks and lies in the parser instead of the receive buffer.
    public internal(set) var isBodyDecoded = false

    /// Whether the path is exactly this one.
    public func hasPath(_ text: StaticString, in buffer: [UInt8]) -> Bool {
        if path.isEmpty { return text.utf8CodeUnitCount == 1 && text.startsWithSlash }
        return buffer.span.spells(text, in: path)
    }

    /// Appends path and query as they came, and `/` where the path is missing or is `*`: what a
    /// redirect's Location has behind the authority. It holds visible ASCII only.
    public func appendLocalTarget(from buffer: [UInt8], to output: inout [UInt8]) {
        if path.isEmpty || buffer[path.lowerBound] != UInt8(ascii: "/") {
            output.append(UInt8(ascii: "/"))
        } else {
            output.append(contentsOf: buffer[path])
        }
        if let query {
            output.append(UInt8(ascii: "?"))
            output.append(contentsOf: buffer[query])
        }
    }

    /// Follows a buffer whose bytes have moved.
    mutating func move(by distance: Int) {
        func moved(_ range: Range<Int>) -> Range<Int> {
            range.lowerBound + distance..<range.upperBound + distance
        }
        methodName = moved(methodName)
        target = moved(target)
        path = moved(path)
        query = query.map(moved)
        contentType = contentType.map(moved)
        idempotencyKey = idempotencyKey.map(moved)
        firstIndex = firstIndex.map(moved)
        ifMatch = ifMatch.map(moved)
        if !moreIfMatch.isEmpty { moreIfMatch = moreIfMatch.map(moved) }
        ifNoneMatch = ifNoneMatch.map(moved)
        if !moreIfNoneMatch.isEmpty { moreIfNoneMatch = moreIfNoneMatch.map(moved) }
        authority = authority.map(moved)
        origin = origin.map(moved)
    }
}

extension StaticString {
    fileprivate var startsWithSlash: Bool { unsafe utf8Start[0] == UInt8(ascii: "/") }
}
