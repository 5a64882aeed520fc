/// A place to dial as people write it: `HOST:PORT`, where HOST is a name, an IPv4 address or an IPv6
/// address in brackets.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The name or the number, without brackets.
    public let host: String
    /// The port, 0 to 65535.
    public let port: UInt16

    /// The endpoint that the text names; nil where it names none.
    ///
    /// A name is 1 to 253 bytes of letters, digits, `-` and `_` in labels of 1 to 63 (RFC 1035 §2.3.4;
    /// the underscore is what container networks use). One that ends in a number is an IPv4 address
    /// or nothing: `127.1` and `1.2.3.400` are refused, though some libraries guess.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = Endpoint.port(bytes[(colon + 1)...])
        else { return nil }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "[") {
            guard host.count > 2, host.last == UInt8(ascii: "]") else { return nil }
            host = host.dropFirst().dropLast()
            let name = String(decoding: host, as: UTF8.self)
            guard host.contains(UInt8(ascii: ":")), SocketAddress(host: name, port: port) != nil
            else { return nil }
            self.init(host: name, port: port)
        } else {
            let name = String(decoding: host, as: UTF8.self)
            guard Endpoint.isName(host) || Endpoint.isIPv4(host, name) else { return nil }
            self.init(host: name, port: port)
        }
    }

    private init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The address, where the host is a number and no look-up is needed.
    public var numericAddress: SocketAddress? { SocketAddress(host: host, port: port) }

    /// The endpoint as it is written.
    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// One to five digits, at most 65535.
    private static func port(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...5).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt16(exactly: value)
    }

    private static func isIPv4(_ host: ArraySlice<UInt8>, _ text: String) -> Bool {
        !host.contains(UInt8(ascii: ":")) && SocketAddress(host: text, port: 0) != nil
    }

    private static func isName(_ host: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(host.count) else { return false }
        var labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A name may end in the dot of the root.
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        for label in labels {
            guard (1...63).contains(label.count), label.allSatisfy(isNameByte) else { return false }
        }
        return labels.last?.allSatisfy(isDigit) == false
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
