import Primitives

/// Walks over the entity tags of one field's value (RFC 9110 §8.8.3, §13.1.1, §13.1.2).
struct EntityTags {
    /// One of the tags.
    struct Tag {
        /// Whether it is written `W/"7"`.
        var isWeak: Bool
        /// The number in the quotes; nil where there is none as this project writes it.
        var number: UInt64?
    }

    /// What stands next in the list.
    enum Element {
        case tag(Tag)
        case end
        /// No entity tag, and so no list of them.
        case malformed
    }

    private var position: Int
    private let end: Int

    init(_ value: Range<Int>) {
        position = value.lowerBound
        end = value.upperBound
    }

    /// Takes the next tag out of the list; to be asked no more after the end or a malformed one.
    mutating func next(in bytes: Span<UInt8>) -> Element {
        // §5.6.1.2: empty elements are passed over.
        while position < end, bytes[position].isBlank || bytes[position] == UInt8(ascii: ",") {
            position += 1
        }
        guard position < end else { return .end }
        let isWeak = end - position > 2 && bytes.spells("W/", in: position..<position + 2)
        if isWeak { position += 2 }
        guard let opaque = opaqueTag(bytes) else { return .malformed }
        position = opaque.upperBound + 1
        while position < end, bytes[position].isBlank { position += 1 }
        guard position == end || bytes[position] == UInt8(ascii: ",") else { return .malformed }
        return .tag(Tag(isWeak: isWeak, number: EntityTags.number(bytes, in: opaque)))
    }

    /// What stands in the quotes that begin here: commas and backslashes mean nothing in them. Nil where
    /// none begin.
    private func opaqueTag(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard bytes[position] == .quote else { return nil }
        let first = position + 1
        var last = first
        while last < end, bytes[last] != .quote {
            guard bytes[last].isVisible || bytes[last] >= 0x80 else { return nil }
            last += 1
        }
        return last < end ? first..<last : nil
    }

    /// The number as this project writes it: digits without a zero before them.
    private static func number(_ bytes: Span<UInt8>, in range: Range<Int>) -> UInt64? {
        guard let start = range.first, bytes[start] != UInt8(ascii: "0") || range.count == 1 else {
            return nil
        }
        return DecimalDigits.read(bytes, in: range)
    }
}
