/// The name of a node: 1 to 32 characters of `A-Z a-z 0-9 . _ -`.
///
/// It is stored in place, without a reference count, because it travels with every message. The
/// bytes lie in four words, most significant byte first and padded with zeros, so that comparing
/// the words compares the names.
public struct NodeID: Hashable, Comparable, Sendable {
    /// The most characters that a name may have.
    public static let maximumLength = 32

    @usableFromInline let word0: UInt64
    @usableFromInline let word1: UInt64
    @usableFromInline let word2: UInt64
    @usableFromInline let word3: UInt64

    /// The node of that name, or nil where the text is no name.
    public init?(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8))
    }

    /// The node whose name is spelt by these ASCII bytes, or nil where they are no name.
    public init?(bytes: some Collection<UInt8>) {
        guard NodeID.isName(bytes) else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (position, byte) in bytes.enumerated() {
            let shifted = UInt64(byte) << UInt64(56 - 8 * (position % 8))
            switch position / 8 {
            case 0: words.0 |= shifted
            case 1: words.1 |= shifted
            case 2: words.2 |= shifted
            default: words.3 |= shifted
            }
        }
        (word0, word1, word2, word3) = words
    }

    /// Whether the bytes spell a name: 1 to 32 of `A-Z a-z 0-9 . _ -`.
    ///
    /// Cluster names obey the same rule.
    public static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...maximumLength).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default:
                false
            }
        }
    }

    /// The bytes of the name, in order.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(NodeID.maximumLength)
        for word in [word0, word1, word2, word3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                let byte = UInt8(truncatingIfNeeded: word >> UInt64(shift))
                if byte == 0 { return bytes }
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Whether the first name sorts before the second, byte by byte.
    @inlinable
    public static func < (left: NodeID, right: NodeID) -> Bool {
        if left.word0 != right.word0 { return left.word0 < right.word0 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        return left.word3 < right.word3
    }
}

extension NodeID: CustomStringConvertible {
    /// The name as text.
    public var description: String {
        String(decoding: bytes, as: UTF8.self)
    }
}
