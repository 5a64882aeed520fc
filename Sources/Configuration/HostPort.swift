/// Where something listens or can be dialled: `HOST:PORT`, an IPv6 host in brackets.
///
/// Two spellings of one address are equal: `[::1]:80` and `[0:0::1]:80`, `Db:80` and `db:80`. The
/// spelling of the file is kept for people, so `description` parses to an equal value.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// The host as it was written, without brackets; a resolver takes it.
    public let hostText: String

    /// What the host's text stands for.
    public let host: Host

    /// The port, 1 to 65535.
    public let port: UInt16

    /// Reads `HOST:PORT` or `[IPV6]:PORT`; throws what is wrong with the text.
    public init(_ text: some StringProtocol) throws(HostPortProblem) {
        let bytes = Array(text.utf8)
        if text.contains("://") { throw .url }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw .missingPort }
        let hostBytes = bytes[..<colon]
        let portBytes = bytes[(colon + 1)...]
        if bytes.last == UInt8(ascii: "]") { throw .missingPort }
        if hostBytes.isEmpty { throw .missingHost }
        if hostBytes.first == UInt8(ascii: "[") {
            guard hostBytes.last == UInt8(ascii: "]"),
                let address = Host.parseIPv6(hostBytes.dropFirst().dropLast())
            else { throw .badIPv6 }
            host = .ipv6(address)
            hostText = String(decoding: hostBytes.dropFirst().dropLast(), as: UTF8.self)
        } else {
            if hostBytes.contains(UInt8(ascii: ":")) { throw .missingBrackets }
            hostText = String(decoding: hostBytes, as: UTF8.self)
            host = try HostPort.parseHost(hostBytes, text: hostText)
        }
        guard (1...5).contains(portBytes.count), portBytes.allSatisfy(isDigit),
            portBytes.first != UInt8(ascii: "0"),
            let number = UInt16(String(decoding: portBytes, as: UTF8.self))
        else { throw .badPort }
        port = number
    }

    private static func parseHost(
        _ bytes: ArraySlice<UInt8>, text: String
    ) throws(HostPortProblem) -> Host {
        if let address = Host.parseIPv4(bytes) { return .ipv4(address) }
        if Host.looksNumeric(bytes) { throw .badIPv4 }
        guard Host.isName(bytes) else { throw .badName }
        return .name(text.lowercased())
    }

    /// The loopback address 127.0.0.1 with that port, which must not be 0.
    public static func loopback(port: UInt16) -> HostPort {
        precondition(port != 0, "port 0 is no address")
        return HostPort(hostText: "127.0.0.1", host: .ipv4([127, 0, 0, 1]), port: port)
    }

    private init(hostText: String, host: Host, port: UInt16) {
        self.hostText = hostText
        self.host = host
        self.port = port
    }

    /// Whether the host is `0.0.0.0` or `[::]`: good to listen on, impossible to dial.
    public var isUnspecified: Bool { host.isUnspecified }

    /// Whether only this machine can reach the host.
    public var isLoopback: Bool { host.isLoopback }

    /// The address as in the file: `HOST:PORT` or `[IPV6]:PORT`.
    public var description: String {
        if case .ipv6 = host { return "[\(hostText)]:\(port)" }
        return "\(hostText):\(port)"
    }

    /// Whether both are one address, whatever their spelling.
    public static func == (left: HostPort, right: HostPort) -> Bool {
        left.port == right.port && left.host == right.host
    }

    /// Hashes the address, not its spelling.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}

/// Why a text is no `HOST:PORT`.
public enum HostPortProblem: Error, Hashable, Sendable {
    case missingPort, missingHost, badPort, missingBrackets, badIPv4, badIPv6, badName, url

    /// What is wrong and what to write instead, to follow the text in question.
    public var message: String {
        switch self {
        case .missingPort: "has no port; write HOST:PORT, such as 127.0.0.1:8001"
        case .missingHost: "has no host; write HOST:PORT, such as 127.0.0.1:8001"
        case .badPort: "has no good port; after the colon comes a number from 1 to 65535"
        case .missingBrackets: "needs brackets around its IPv6 address, such as [::1]:8001"
        case .badIPv4: "is no IPv4 address; it has four numbers from 0 to 255, such as 10.0.0.7"
        case .badIPv6: "holds no IPv6 address in its brackets; write it such as [::1]:8001"
        case .url: "is a URL; write HOST:PORT without http:// before it, such as 127.0.0.1:8001"
        case .badName: "has no good host; write an address or a name of letters, digits, - and ."
        }
    }
}
