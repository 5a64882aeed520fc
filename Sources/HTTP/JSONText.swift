/// Strings as JSON text (RFC 8259 §7), from bytes that need not be UTF-8.
public enum JSONText {
    /// Appends the bytes in quotes. Quotes, backslashes and controls are escaped; what is no UTF-8
    /// becomes U+FFFD, so that the output is valid whatever comes in.
    public static func appendQuoted(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
        let array = Array(text)
        let bytes = array.span
        output.append(.quote)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x80 {
                appendASCII(byte, to: &output)
                position += 1
                continue
            }
            let (length, isValid) = sequence(bytes, at: position)
            if isValid {
                for offset in 0..<length { output.append(bytes[position + offset]) }
            } else {
                output.append("\u{FFFD}")
            }
            position += length
        }
        output.append(.quote)
    }

    /// Appends a text that is known when the program is compiled, in quotes.
    public static func appendQuoted(_ text: StaticString, to output: inout [UInt8]) {
        var bytes: [UInt8] = []
        bytes.append(text)
        appendQuoted(bytes, to: &output)
    }

    private static func appendASCII(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case .quote: output.append("\\\"")
        case UInt8(ascii: "\\"): output.append("\\\\")
        case .lineFeed: output.append("\\n")
        case .carriageReturn: output.append("\\r")
        case .tab: output.append("\\t")
        case 0..<0x20, 0x7F:
            output.append("\\u00")
            output.append(hexadecimalDigit(byte >> 4))
            output.append(hexadecimalDigit(byte & 0xF))
        default: output.append(byte)
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : UInt8(ascii: "a") + value - 10
    }

    /// How many bytes the sequence that begins at a non-ASCII byte takes, and whether it is valid.
    /// An invalid one takes the bytes that could have begun a valid one (Unicode §3.9, "maximal
    /// subpart"), at least one.
    private static func sequence(
        _ bytes: Span<UInt8>, at position: Int
    ) -> (length: Int, isValid: Bool) {
        // RFC 3629 §4: the second byte's range keeps out overlong forms, surrogates and what lies
        // beyond U+10FFFF.
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[position] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return (1, false)
        }
        for offset in 1..<length {
            let allowed = offset == 1 ? second : 0x80...0xBF
            guard position + offset < bytes.count, allowed.contains(bytes[position + offset]) else {
                return (offset, false)
            }
        }
        return (length, true)
    }
}
