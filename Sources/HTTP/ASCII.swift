import Primitives

/// The byte classes of RFC 9110 §5.6; Primitives has those of other formats, too.
extension UInt8 {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var colon: UInt8 { UInt8(ascii: ":") }
    static var quote: UInt8 { UInt8(ascii: "\"") }

    /// Optional whitespace: a space or a tab.
    @inline(__always)
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// A byte that may stand in a field line: anything but controls, the tab excepted.
    @inline(__always)
    var isFieldText: Bool { (self >= 0x20 && self != 0x7F) || self == 0x09 }

    /// A byte of a token (RFC 9110 §5.6.2).
    @inline(__always)
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes in the range are exactly those of the text.
    func spells(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let letters = unsafe text.utf8Start
        for offset in 0..<range.count {
            guard unsafe self[range.lowerBound + offset] == letters[offset] else { return false }
        }
        return true
    }

    /// Whether the bytes in the range are those of the text, which is in small letters, whatever
    /// the case of theirs.
    func spellsAnyCase(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let letters = unsafe text.utf8Start
        for offset in 0..<range.count {
            let byte = self[range.lowerBound + offset].lowercased
            guard unsafe byte == letters[offset] else { return false }
        }
        return true
    }

    /// The first position of a byte in the range, or nil.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        var position = range.lowerBound
        while position < range.upperBound {
            if self[position] == byte { return position }
            position += 1
        }
        return nil
    }

    /// The range without the blanks at both of its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start].isBlank { start += 1 }
        while start < end, self[end - 1].isBlank { end -= 1 }
        return start..<end
    }
}

extension [UInt8] {
    /// Appends the bytes of a text that is known when the program is compiled.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
