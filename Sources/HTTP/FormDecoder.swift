import Primitives

/// Looks up keys in `application/x-www-form-urlencoded` bytes, a body or a query (WHATWG URL §5.1).
public enum FormDecoder {
    /// What became of a key.
    public enum Lookup: Sendable, Equatable {
        /// The key does not occur.
        case absent

        /// The key occurs once; its value, decoded, and empty where it has none.
        case one(ArraySlice<UInt8>)

        /// The key occurs more than once.
        case several

        /// The key's value holds a percent sign without two hexadecimal digits.
        case malformed
    }

    /// Finds a key. A value in which nothing is encoded is returned as a slice of the form itself,
    /// without a copy. Keys that cannot be decoded are other keys.
    public static func lookup(_ key: StaticString, in form: ArraySlice<UInt8>) -> Lookup {
        var found: Range<Int>?
        var start = form.startIndex
        while start < form.endIndex {
            let end = form[start...].firstIndex(of: UInt8(ascii: "&")) ?? form.endIndex
            let equals = form[start..<end].firstIndex(of: UInt8(ascii: "="))
            if spells(key, form, in: start..<(equals ?? end)) {
                guard found == nil else { return .several }
                found = (equals.map { $0 + 1 } ?? end)..<end
            }
            start = end + 1
        }
        guard let found else { return .absent }
        guard let value = decode(form[found]) else { return .malformed }
        return .one(value)
    }

    /// The bytes with `+` as a space and percent-escapes resolved, or nil where one is malformed.
    public static func decode(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return bytes
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            guard let (byte, next) = unit(bytes, at: position, end: bytes.endIndex) else {
                return nil
            }
            decoded.append(byte)
            position = next
        }
        return decoded[...]
    }

    /// Whether the bytes in the range, decoded, are those of the key.
    private static func spells(
        _ key: StaticString, _ form: ArraySlice<UInt8>, in range: Range<Int>
    ) -> Bool {
        let letters = unsafe key.utf8Start
        var position = range.lowerBound
        for offset in 0..<key.utf8CodeUnitCount {
            guard position < range.upperBound,
                let (byte, next) = unit(form, at: position, end: range.upperBound),
                unsafe byte == letters[offset]
            else { return false }
            position = next
        }
        return position == range.upperBound
    }

    /// One decoded byte and where the next begins, or nil where an escape is malformed.
    private static func unit(
        _ bytes: ArraySlice<UInt8>, at position: Int, end: Int
    ) -> (byte: UInt8, next: Int)? {
        switch bytes[position] {
        case UInt8(ascii: "+"):
            return (.space, position + 1)
        case UInt8(ascii: "%"):
            guard end - position >= 3, let high = bytes[position + 1].hexadecimalValue,
                let low = bytes[position + 2].hexadecimalValue
            else { return nil }
            return (high << 4 | low, position + 3)
        case let byte:
            return (byte, position + 1)
        }
    }
}
