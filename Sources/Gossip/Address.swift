/// Where a process is reached, `HOST:PORT` as text. The core compares addresses and passes them on;
/// what they mean is the host's business.
public struct Address: Hashable, Comparable, Sendable {
    /// 1 to `GossipLimits.address` bytes of visible ASCII.
    public let bytes: [UInt8]

    /// The address spelt by those bytes, or nil where there are none, too many, or any that is not
    /// visible ASCII: an address may end up in a log line or a header, and nothing may end one
    /// there.
    public init?(_ bytes: [UInt8]) {
        guard (1...GossipLimits.address).contains(bytes.count),
            bytes.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) })
        else { return nil }
        self.bytes = bytes
    }

    /// Whether the first address sorts before the second, byte by byte.
    public static func < (left: Address, right: Address) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Address: CustomStringConvertible {
    /// The address as text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
