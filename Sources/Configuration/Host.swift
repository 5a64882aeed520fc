/// What a host's text stands for: an address that can be dialled as it is, or a name to look up.
public enum Host: Hashable, Sendable {
    /// An IPv4 address, four bytes in network order.
    case ipv4([UInt8])
    /// An IPv6 address, sixteen bytes in network order.
    case ipv6([UInt8])
    /// A name, in lower case.
    case name(String)

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

    /// The IPv4 address where an IPv6 one merely carries it (RFC 4291 §2.5.5.2).
    var withoutMapping: Host {
        guard case .ipv6(let bytes) = self, bytes.prefix(10).allSatisfy({ $0 == 0 }),
            bytes[10] == 0xff, bytes[11] == 0xff
        else { return self }
        return .ipv4(Array(bytes[12...]))
    }
}

extension Host {
    /// The four bytes of `127.0.0.1`, or nil where the text is no such address. Leading zeros are
    /// refused: some systems read them as octal.
    static func parseIPv4(_ text: some Collection<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(isDigit),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The sixteen bytes of an IPv6 address (RFC 4291 §2.2, all three forms), or nil where the
    /// text is none. A zone (`%eth0`) is refused: it means nothing to another machine.
    static func parseIPv6(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        let colon = UInt8(ascii: ":")
        guard
            let gap = text.indices.dropLast().first(where: {
                text[$0] == colon && text[$0 + 1] == colon
            })
        else {
            guard let bytes = parseGroups(text[...]), bytes.count == 16 else { return nil }
            return bytes
        }
        // A colon or a second `::` right of the gap leaves an empty group and fails below.
        let left = text[..<gap]
        let right = text[(gap + 2)...]
        guard let head = left.isEmpty ? [] : parseGroups(left, mayEndInIPv4: false),
            let tail = right.isEmpty ? [] : parseGroups(right),
            head.count + tail.count <= 14
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups of hexadecimal digits with colons between them.
    private static func parseGroups(
        _ text: ArraySlice<UInt8>, mayEndInIPv4: Bool = true
    ) -> [UInt8]? {
        let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard groups.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (position, group) in groups.enumerated() {
            if mayEndInIPv4, position == groups.count - 1, group.contains(UInt8(ascii: ".")) {
                guard let address = parseIPv4(group) else { return nil }
                bytes += address
                continue
            }
            guard (1...4).contains(group.count), group.allSatisfy(isHexDigit),
                let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    /// Whether the text can be a host's name: labels of 1 to 63 letters, digits, `-` and `_`, none
    /// with `-` at an end, 253 characters in all (RFC 1123 §2.1; `_` as container systems use it).
    static func isName(_ text: some Collection<UInt8>) -> Bool {
        guard (1...253).contains(text.count) else { return false }
        var labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A name may end in the dot of the root.
        if labels.count > 1, labels[labels.count - 1].isEmpty { labels.removeLast() }
        return labels.allSatisfy { label in
            let dash = UInt8(ascii: "-")
            return (1...63).contains(label.count) && label.first != dash
                && label.dropFirst(label.count - 1).first != dash
                && label.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || isDigit(byte) || byte == dash || byte == UInt8(ascii: "_")
                }
        }
    }

    /// Whether resolvers would read the text as a number: its last label is decimal or `0x…`. Such
    /// a text is an IPv4 address or nothing, or `0` and `0x0` would slip through as names.
    static func looksNumeric(_ text: some Collection<UInt8>) -> Bool {
        let labels = text.split(separator: UInt8(ascii: "."))
        guard let last = labels.last else { return false }
        if last.allSatisfy(isDigit) { return true }
        let start = Array(last.prefix(2))
        return start.count == 2 && start[0] == UInt8(ascii: "0")
            && start[1] | 0x20 == UInt8(ascii: "x")
    }
}

/// Whether the byte is one of `0` to `9`.
func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// Whether the byte is one of `0` to `9`, `a` to `f`, `A` to `F`.
func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
