/// The methods of RFC 9110 §9.3 and PATCH; any other token is `other`.
///
/// Methods are case-sensitive (RFC 9110 §9.1): `get` is `other`.
public enum Method: Sendable, Equatable, CaseIterable {
    case get, head, post, put, delete, patch, options, trace, connect, other

    /// The method that the range of the bytes spells.
    init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        // The length leaves one or two names to compare.
        let candidates: (Method, Method) =
            switch range.count {
            case 3: (.get, .put)
            case 4: (.post, .head)
            case 5: (.patch, .trace)
            case 6: (.delete, .other)
            case 7: (.options, .connect)
            default: (.other, .other)
            }
        if candidates.0 != .other, bytes.spells(candidates.0.name, in: range) {
            self = candidates.0
        } else if candidates.1 != .other, bytes.spells(candidates.1.name, in: range) {
            self = candidates.1
        } else {
            self = .other
        }
    }

    /// Whether it asks only, and is to change nothing (RFC 9110 §9.2.1).
    public var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect, .other: false
        }
    }

    /// The method's name as it stands in a request line; `other` has none and gives `OTHER`.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other: "OTHER"
        }
    }
}
