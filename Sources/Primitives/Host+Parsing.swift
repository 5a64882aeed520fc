extension Host {
    /// The host in the authority of a request or an origin (RFC 3986 §3.2.2): an IPv6 address stands
    /// in brackets, and a name may end in the dot of the root. Nil where it is none.
    ///
    /// Two that mean the same are equal: an IPv4 address that an IPv6 one carries is that address.
    public init?(authorityHost text: some Collection<UInt8>) {
        do throws(AddressProblem) {
            self = try Host(parsing: Array(text)[...]).plain
        } catch {
            return nil
        }
    }

    /// The host that those bytes spell, an IPv6 address in brackets.
    init(parsing bytes: ArraySlice<UInt8>) throws(AddressProblem) {
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.count > 2, bytes.last == UInt8(ascii: "]"),
                let address = Host.parseIPv6(Array(bytes.dropFirst().dropLast()))
            else { throw .badIPv6 }
            self = .ipv6(address)
            return
        }
        if bytes.contains(UInt8(ascii: ":")) { throw .missingBrackets }
        if let address = Host.parseIPv4(bytes) {
            self = .ipv4(address)
            return
        }
        if Host.looksNumeric(bytes) { throw .badIPv4 }
        guard Host.isName(bytes) else { throw .badName }
        self = .name(String(decoding: bytes.map(\.lowercased), as: UTF8.self))
    }

    /// The four bytes of `127.0.0.1`, or nil where the text is no such address. Leading zeros are
    /// refused: some systems read them as octal.
    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var value: Int?
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard let part = value, bytes.count < 3 else { return nil }
                bytes.append(UInt8(part))
                value = nil
            } else {
                guard byte.isDigit, value != 0 else { return nil }
                let next = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard next <= 255 else { return nil }
                value = next
            }
        }
        guard let part = value, bytes.count == 3 else { return nil }
        bytes.append(UInt8(part))
        return bytes
    }

    /// The sixteen bytes of an IPv6 address (RFC 4291 §2.2, all three forms), or nil where the
    /// text is none. A zone (`%eth0`) is refused: it means nothing to another machine.
    private static func parseIPv6(_ text: [UInt8]) -> [UInt8]? {
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
            guard (1...4).contains(group.count) else { return nil }
            var value: UInt16 = 0
            for byte in group {
                guard let digit = byte.hexadecimalValue else { return nil }
                value = value << 4 | UInt16(digit)
            }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    /// Whether the text can be a host's name: labels of 1 to 63 letters, digits, `-` and `_`, none
    /// with `-` at an end, 253 characters in all (RFC 1123 §2.1; `_` as container systems use it).
    /// It may end in the dot of the root.
    private static func isName(_ text: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(text.count) else { return false }
        let dash = UInt8(ascii: "-")
        var labelLength = 0
        var last = dash
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard labelLength > 0, last != dash else { return false }
                labelLength = 0
            } else {
                guard byte.isLetter || byte.isDigit || byte == dash || byte == UInt8(ascii: "_"),
                    labelLength > 0 || byte != dash, labelLength < 63
                else { return false }
                labelLength += 1
            }
            last = byte
        }
        return last != dash
    }

    /// Whether resolvers would read the text as a number: its last label is decimal or `0x…`. Such
    /// a text is an IPv4 address or nothing, or `0` and `0x0` would slip through as names.
    private static func looksNumeric(_ text: ArraySlice<UInt8>) -> Bool {
        guard let last = text.split(separator: UInt8(ascii: ".")).last else { return false }
        if last.allSatisfy(\.isDigit) { return true }
        return last.starts(with: "0x".utf8) || last.starts(with: "0X".utf8)
    }
}
