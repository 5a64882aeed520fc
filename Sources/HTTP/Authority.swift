import Primitives

/// The host and the port that a request names (RFC 3986 §3.2), without user information: where they
/// stand, without a look at what they mean.
///
/// A request's host may be any registered name, and every request has one, so that nothing is
/// allocated here; `Host` and `Origin` say what it stands for, where that matters.
public struct Authority: Sendable, Equatable {
    /// The host; an IPv6 address stands in its brackets.
    public let host: Range<Int>

    /// The port, 0 to 65535, or nil where none is written.
    public let port: Int?

    /// The parts of the authority in that range of the bytes, or nil where it is none.
    ///
    /// RFC 9110 §4.2.1 forbids an empty host, §4.2.4 advises to refuse user information.
    public init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        var end = range.lowerBound
        guard end < range.upperBound else { return nil }
        if bytes[end] == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]"), in: range),
                Authority.isAddress6(bytes, in: end + 1..<close)
            else { return nil }
            end = close + 1
        } else {
            while end < range.upperBound, Authority.isNameByte(bytes[end]) { end += 1 }
        }
        guard end > range.lowerBound else { return nil }
        host = range.lowerBound..<end
        guard end < range.upperBound else {
            port = nil
            return
        }
        guard bytes[end] == .colon else { return nil }
        var number: Int?
        for position in end + 1..<range.upperBound {
            guard bytes[position].isDigit else { return nil }
            let next = (number ?? 0) * 10 + Int(bytes[position] - 0x30)
            guard next <= 65535 else { return nil }
            number = next
        }
        // RFC 3986 §3.2.3: the digits behind the colon may be missing.
        port = number
    }

    /// Whether the bytes are an authority as a whole.
    public static func isValid(_ bytes: [UInt8]) -> Bool {
        Authority(bytes.span, in: 0..<bytes.count) != nil
    }

    private static func isAddress6(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        for position in range {
            let byte = bytes[position]
            guard byte.isHexDigit || byte == .colon || byte == UInt8(ascii: ".") else {
                return false
            }
        }
        return true
    }

    /// A byte of a registered name (RFC 3986 §3.2.2).
    private static func isNameByte(_ byte: UInt8) -> Bool {
        if byte.isLetter || byte.isDigit { return true }
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "%"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            return true
        default:
            return false
        }
    }
}
