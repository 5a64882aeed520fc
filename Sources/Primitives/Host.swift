/// What a host's text stands for: an address that can be dialled as it is, or a name to look up.
public enum Host: Hashable, Sendable {
    /// An IPv4 address, four bytes in network order.
    case ipv4([UInt8])
    /// An IPv6 address, sixteen bytes in network order.
    case ipv6([UInt8])
    /// A name, in lower case.
    case name(String)

    /// Whether this is a number, so that no look-up is needed.
    public var isNumeric: Bool { if case .name = self { false } else { true } }

    /// Whether this is the address of no particular interface: `0.0.0.0` or `::`.
    public var isUnspecified: Bool {
        switch withoutMapping {
        case .ipv4(let bytes), .ipv6(let bytes): bytes.allSatisfy { $0 == 0 }
        case .name: false
        }
    }

    /// Whether only this machine can reach it: `127.0.0.0/8`, `::1`, `localhost` and the names
    /// below it (RFC 6761 §6.3).
    public var isLoopback: Bool {
        switch withoutMapping {
        case .ipv4(let bytes): bytes[0] == 127
        case .ipv6(let bytes): bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
        case .name(let name):
            name == "localhost" || name.hasSuffix(".localhost") || name == "localhost."
                || name.hasSuffix(".localhost.")
        }
    }

    /// The same host in its one form for comparisons: without the dot of the root, and as an IPv4
    /// address where an IPv6 one merely carries it.
    public var plain: Host {
        guard case .name(let name) = self else { return withoutMapping }
        return name.hasSuffix(".") ? .name(String(name.dropLast())) : self
    }

    /// The IPv4 address where an IPv6 one merely carries it (RFC 4291 §2.5.5.2).
    var withoutMapping: Host {
        guard case .ipv6(let bytes) = self, Host.carriesIPv4(bytes) else { return self }
        return .ipv4(Array(bytes[12...]))
    }

    static func carriesIPv4(_ bytes: [UInt8]) -> Bool {
        bytes[10] == 0xff && bytes[11] == 0xff && bytes.prefix(10).allSatisfy { $0 == 0 }
    }
}

extension Host: Comparable {
    /// Numbers before names, IPv4 before IPv6, then byte by byte.
    public static func < (left: Host, right: Host) -> Bool {
        switch (left, right) {
        case (.ipv4(let left), .ipv4(let right)), (.ipv6(let left), .ipv6(let right)):
            left.lexicographicallyPrecedes(right)
        case (.name(let left), .name(let right)):
            left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.ipv4, _), (.ipv6, .name): true
        case (.ipv6, .ipv4), (.name, _): false
        }
    }
}
