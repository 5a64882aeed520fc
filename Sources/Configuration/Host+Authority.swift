extension Host {
    /// The host in the authority of a request or an origin (RFC 3986 §3.2.2): an IPv6 address stands in
    /// brackets, and a name may end in the dot of the root. Nil where it is none.
    ///
    /// Two that mean the same are equal: an IPv4 address that an IPv6 one carries is that address.
    public init?(authorityHost text: some Collection<UInt8>) {
        let bytes = Array(text)
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]"),
                let address = Host.parseIPv6(bytes.dropFirst().dropLast())
            else { return nil }
            self = Host.ipv6(address).withoutMapping
        } else if let address = Host.parseIPv4(bytes) {
            self = .ipv4(address)
        } else {
            guard !Host.looksNumeric(bytes), Host.isName(bytes) else { return nil }
            self = Host.name(String(decoding: bytes, as: UTF8.self).lowercased()).plain
        }
    }

    /// The same host in its one form for comparisons: without the dot of the root, and as an IPv4
    /// address where an IPv6 one merely carries it.
    public var plain: Host {
        guard case .name(let name) = self else { return withoutMapping }
        return name.hasSuffix(".") ? .name(String(name.dropLast())) : self
    }
}
