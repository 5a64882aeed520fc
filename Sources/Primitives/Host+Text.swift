extension Host: CustomStringConvertible {
    /// The host as it is written, an IPv6 address without brackets and in its one recommended form
    /// (RFC 5952).
    public var description: String {
        switch self {
        case .ipv4(let bytes): Host.dotted(bytes[...])
        case .ipv6(let bytes): Host.grouped(bytes)
        case .name(let name): name
        }
    }

    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    private static func grouped(_ bytes: [UInt8]) -> String {
        // RFC 5952 §5: the IPv4 address is shown where one is carried.
        if carriesIPv4(bytes) { return "::ffff:" + dotted(bytes[12...]) }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let gap = longestGap(groups) else { return text(0..<8) }
        return text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
    }

    /// The first of the longest runs of two or more zero groups (RFC 5952 §4.2).
    private static func longestGap(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        for position in 0...8 where position == 8 || groups[position] != 0 {
            let run = start..<position
            if run.count >= 2, run.count > longest?.count ?? 0 { longest = run }
            start = position + 1
        }
        return longest
    }
}
