/// What If-None-Match asks (RFC 9110 §13.1.2), for entity tags that are numbers in quotes.
///
/// The comparison is weak (§8.8.3.2): `W/"7"` is `"7"` here. A tag that is no number as this project
/// writes one is well formed and matches nothing.
public struct IfNoneMatch: Sendable, Equatable {
    /// The tags to compare with.
    private enum Tags: Sendable, Equatable {
        case any
        case some(first: UInt64?, others: [UInt64])
    }

    private var tags = Tags.some(first: nil, others: [])

    /// The condition of a request that has the field; nil where its value is no list of entity tags
    /// and not `*`.
    public init?(_ request: Request, in buffer: [UInt8]) {
        guard let first = request.ifNoneMatch else { return nil }
        let bytes = buffer.span
        // §5.3: several fields are one list, and `*` is no element of one.
        if request.moreIfNoneMatch.isEmpty, bytes.spells("*", in: first) {
            tags = .any
            return
        }
        guard add(bytes, in: first) else { return nil }
        for more in request.moreIfNoneMatch {
            guard add(bytes, in: more) else { return nil }
        }
    }

    /// Whether the number is one of those that the client has already.
    public func matches(_ number: UInt64) -> Bool {
        switch tags {
        case .any: true
        case .some(let first, let others): first == number || others.contains(number)
        }
    }

    /// Takes in one field's value. False where it is no list of entity tags.
    private mutating func add(_ bytes: Span<UInt8>, in value: Range<Int>) -> Bool {
        var list = EntityTags(value)
        while true {
            switch list.next(in: bytes) {
            case .tag(let tag): if let number = tag.number { add(number) }
            case .end: return true
            case .malformed: return false
            }
        }
    }

    private mutating func add(_ number: UInt64) {
        guard case .some(let first, var others) = tags else { return }
        if first != nil { others.append(number) }
        tags = .some(first: first ?? number, others: others)
    }
}
