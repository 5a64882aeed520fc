/// Where something listens or can be dialled: `HOST:PORT`, an IPv6 host in brackets.
///
/// Two spellings of one address are equal: `[::1]:80` and `[0:0::1]:80`, `Db:80` and `db:80`. The
/// spelling is kept, for people and for the wire, so `description` parses to an equal value.
public struct Address: Hashable, Sendable {
    /// What the host's text stands for.
    public let host: Host

    /// The host as it was written, without brackets; a resolver takes it.
    public let hostText: String

    /// The port, 1 to 65535.
    public let port: UInt16

    /// Reads `HOST:PORT` or `[IPV6]:PORT`; throws what is wrong with the text.
    public init(_ text: some StringProtocol) throws(AddressProblem) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads the same from bytes; nil where they spell no address.
    public init?(bytes: some Collection<UInt8>) {
        do throws(AddressProblem) {
            try self.init(parsing: Array(bytes))
        } catch {
            return nil
        }
    }

    /// The address of a socket, say. The host is well formed and the port is not 0.
    public init(host: Host, port: UInt16) {
        precondition(port != 0, "port 0 is no address")
        self.init(host: host, hostText: host.description, port: port)
    }

    /// The loopback address 127.0.0.1 with that port, which must not be 0.
    public static func loopback(port: UInt16) -> Address {
        Address(host: .ipv4([127, 0, 0, 1]), port: port)
    }

    private init(host: Host, hostText: String, port: UInt16) {
        self.host = host
        self.hostText = hostText
        self.port = port
    }

    private init(parsing bytes: [UInt8]) throws(AddressProblem) {
        if Address.holdsScheme(bytes) { throw .url }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw .missingPort }
        if bytes.last == UInt8(ascii: "]") { throw .missingPort }
        var hostBytes = bytes[..<colon]
        if hostBytes.isEmpty { throw .missingHost }
        host = try Host(parsing: hostBytes)
        if hostBytes.first == UInt8(ascii: "[") { hostBytes = hostBytes.dropFirst().dropLast() }
        hostText = String(decoding: hostBytes, as: UTF8.self)
        guard let port = Address.port(bytes[(colon + 1)...]) else { throw .badPort }
        self.port = port
    }

    /// Whether `://` stands in the text.
    private static func holdsScheme(_ bytes: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        return bytes.indices.dropFirst(2).contains { position in
            bytes[position] == slash && bytes[position - 1] == slash
                && bytes[position - 2] == UInt8(ascii: ":")
        }
    }

    /// One to five digits without a leading zero, 1 to 65535.
    private static func port(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard digit.isDigit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt16(exactly: value)
    }
}

extension Address {
    /// Whether the host is a number, so that no look-up is needed.
    public var isNumeric: Bool { host.isNumeric }

    /// Whether the host is `0.0.0.0` or `[::]`: good to listen on, impossible to dial.
    public var isUnspecified: Bool { host.isUnspecified }

    /// Whether only this machine can reach the host.
    public var isLoopback: Bool { host.isLoopback }

    /// The bytes of its text.
    public var bytes: [UInt8] { Array(description.utf8) }
}

extension Address: Comparable, CustomStringConvertible {
    /// The address as it was written: `HOST:PORT` or `[IPV6]:PORT`.
    public var description: String {
        if case .ipv6 = host { return "[\(hostText)]:\(port)" }
        return "\(hostText):\(port)"
    }

    /// Whether both are one address, whatever their spelling.
    public static func == (left: Address, right: Address) -> Bool {
        left.port == right.port && left.host == right.host
    }

    /// Orders by host, then by port, so that equal addresses lie side by side.
    public static func < (left: Address, right: Address) -> Bool {
        left.host == right.host ? left.port < right.port : left.host < right.host
    }

    /// Hashes the address, not its spelling.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}
