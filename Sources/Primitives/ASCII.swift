/// The ASCII classes that more than one format needs.
extension UInt8 {
    /// Whether the byte is one of `0` to `9`.
    @inlinable @inline(__always)
    public var isDigit: Bool { self &- 0x30 < 10 }

    /// Whether the byte is one of `0` to `9`, `a` to `f`, `A` to `F`.
    @inlinable @inline(__always)
    public var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }

    /// Whether the byte is a letter.
    @inlinable @inline(__always)
    public var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// Whether the byte is printable and not the space (VCHAR of RFC 5234 appendix B.1).
    @inlinable @inline(__always)
    public var isVisible: Bool { self > 0x20 && self < 0x7F }

    /// The small letter of a capital one; any other byte as it is.
    @inlinable @inline(__always)
    public var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit, or nil where the byte is none.
    @inlinable
    public var hexadecimalValue: UInt8? {
        if isDigit { return self - 0x30 }
        return isHexDigit ? (self | 0x20) - 0x61 + 10 : nil
    }
}
