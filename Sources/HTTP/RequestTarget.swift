import Primitives

/// The path and the query of a request target (RFC 9112 §3.2).
struct RequestTarget {
    /// The path; empty where an absolute target has none, which means `/`.
    let path: Range<Int>

    /// The query without its question mark, or nil where there is none.
    let query: Range<Int>?

    /// The host and the port of an absolute target; nil where the target is another one.
    let authority: Range<Int>?

    /// Takes a target apart that stands in that range of the bytes.
    init(_ bytes: Span<UInt8>, in range: Range<Int>, method: Method) throws(RequestFault) {
        guard !range.isEmpty else { throw .malformedRequestLine }
        for position in range {
            // RFC 9112 §3.2: no whitespace; RFC 3986 §2 knows no other bytes than these, and §3.5
            // keeps the fragment out of what is sent.
            guard bytes[position].isVisible, bytes[position] != UInt8(ascii: "#") else {
                throw .invalidTarget
            }
        }
        // RFC 9112 §3.2.3: CONNECT takes an authority alone, and there is no tunnel here.
        guard method != .connect else { throw .invalidTarget }
        let start: Int
        var authority: Range<Int>?
        if bytes[range.lowerBound] == UInt8(ascii: "/") {
            start = range.lowerBound  // §3.2.1, origin-form
        } else if bytes.spells("*", in: range) {
            // §3.2.4, asterisk-form: OPTIONS for the server as a whole.
            guard method == .options else { throw .invalidTarget }
            start = range.lowerBound
        } else {
            let found = try RequestTarget.authority(ofAbsolute: bytes, in: range)
            start = found.upperBound
            authority = found
        }
        self.authority = authority
        let rest = start..<range.upperBound
        if let mark = bytes.firstIndex(of: UInt8(ascii: "?"), in: rest) {
            path = start..<mark
            query = mark + 1..<range.upperBound
        } else {
            path = rest
            query = nil
        }
    }

    /// What stands between `http://` and the path.
    private static func authority(
        ofAbsolute bytes: Span<UInt8>, in range: Range<Int>
    ) throws(RequestFault) -> Range<Int> {
        // §3.2.2: a server accepts the absolute form although only proxies are sent it.
        let scheme = 7
        guard range.count > scheme,
            bytes.spellsAnyCase(
                "http://", in: range.lowerBound..<range.lowerBound + scheme)
        else { throw .invalidTarget }
        let authorityStart = range.lowerBound + scheme
        var end = authorityStart
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"),
            bytes[end] != UInt8(ascii: "?")
        {
            end += 1
        }
        guard Authority(bytes, in: authorityStart..<end) != nil else { throw .invalidTarget }
        return authorityStart..<end
    }
}
