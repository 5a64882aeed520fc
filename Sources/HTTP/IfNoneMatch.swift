import Primitives

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
        var position = value.lowerBound
        while true {
            // §5.6.1.2: empty elements are passed over.
            while position < value.upperBound,
                bytes[position].isBlank || bytes[position] == UInt8(ascii: ",")
            {
                position += 1
            }
            guard position < value.upperBound else { return true }
            guard let tag = IfNoneMatch.opaqueTag(bytes, from: position, to: value.upperBound)
            else {
                return false
            }
            if let number = IfNoneMatch.number(bytes, in: tag) { add(number) }
            position = tag.upperBound + 1
            while position < value.upperBound, bytes[position].isBlank { position += 1 }
            guard position == value.upperBound || bytes[position] == UInt8(ascii: ",") else {
                return false
            }
        }
    }

    private mutating func add(_ number: UInt64) {
        guard case .some(let first, var others) = tags else { return }
        if first != nil { others.append(number) }
        tags = .some(first: first ?? number, others: others)
    }

    /// What stands in the quotes of the entity tag that begins there (§8.8.3): commas and backslashes
    /// mean nothing in it. Nil where none begins.
    private static func opaqueTag(
        _ bytes: Span<UInt8>, from start: Int, to end: Int
    ) -> Range<Int>? {
        var position = start
        if end - position > 2, bytes.spells("W/", in: position..<position + 2) { position += 2 }
        guard bytes[position] == .quote else { return nil }
        let first = position + 1
        position = first
        while position < end, bytes[position] != .quote {
            guard bytes[position].isVisible || bytes[position] >= 0x80 else { return nil }
            position += 1
        }
        return position < end ? first..<position : nil
    }

    /// The number as this project writes it: digits without a zero before them.
    private static func number(_ bytes: Span<UInt8>, in range: Range<Int>) -> UInt64? {
        guard let start = range.first, bytes[start] != UInt8(ascii: "0") || range.count == 1 else {
            return nil
        }
        var number: UInt64 = 0
        for position in range {
            guard bytes[position].isDigit else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[position] - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
