import Primitives

/// A number for what words and bytes hold, in their order: to notice differences, not for security.
///
/// Two words at a time are mixed by the halves of their product (as in wyhash). Its constants are part
/// of the feature level, since nodes compare what comes out.
@frozen
@usableFromInline
struct Digest {
    @usableFromInline var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inlinable @inline(__always)
    init() {}

    /// Takes in two words.
    @inlinable @inline(__always)
    mutating func mix(_ first: UInt64, _ second: UInt64) {
        let product = (value ^ first).multipliedFullWidth(by: second ^ 0xD6E8_FEB8_6659_FD93)
        // A product with zero must not forget what came before.
        value = product.high ^ product.low ^ (value &<< 23 | value &>> 41)
    }

    /// Takes in that range of `bytes`, and how many they are.
    @inlinable @inline(__always)
    mutating func mix(_ bytes: [UInt8], _ range: Range<Int>) {
        let span = bytes.span
        var position = range.lowerBound
        var previous = UInt64(truncatingIfNeeded: range.count)
        while position + 8 <= range.upperBound {
            mix(previous, span.littleEndian(UInt64.self, at: position))
            previous = 0
            position += 8
        }
        var rest: UInt64 = 0
        while position < range.upperBound {
            rest = rest &<< 8 | UInt64(span[position])
            position += 1
        }
        mix(previous, rest)
    }
}
