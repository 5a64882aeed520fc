import Primitives

/// Strings (RFC 8259 §7).
extension JSONParser {
    /// The string that starts at hand, with its escapes resolved.
    mutating func string() throws(JSONSyntaxFault) -> String {
        let opening = position
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                text += try escape()
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw fault("the string that starts here has no closing quote", at: opening)
            case 0..<0x20:
                throw fault("a control character stands in a string; write it as \\u and 4 digits")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fault("the string that starts here has no closing quote", at: opening)
    }

    /// What the escape stands for; its backslash has been taken.
    private mutating func escape() throws(JSONSyntaxFault) -> [UInt8] {
        let start = position - 1
        guard let byte = next else { throw fault("the text ends within an escape", at: start) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw fault("JSON has no such escape; a backslash itself is \\\\", at: start)
        }
    }

    /// The character of `\uXXXX`, or of the two of them that a character beyond U+FFFF takes.
    private mutating func unicodeEscape(from start: Int) throws(JSONSyntaxFault) -> [UInt8] {
        let first = try fourDigits(from: start)
        var value = first
        if (0xd800...0xdbff).contains(first), take("\\"), take("u") {
            let second = try fourDigits(from: start)
            if (0xdc00...0xdfff).contains(second) {
                value = 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
            }
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw fault("this escape is half of a pair that makes one character", at: start)
        }
        return Array(String(scalar).utf8)
    }

    private mutating func fourDigits(from start: Int) throws(JSONSyntaxFault) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("\\u needs four hexadecimal digits", at: start) }
        position += 4
        return value
    }
}
