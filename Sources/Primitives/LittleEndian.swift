extension Span where Element == UInt8 {
    /// The integer that stands at `offset`, the least significant byte first; all of its bytes must
    /// lie in the span.
    @inlinable @inline(__always)
    public func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type, at offset: Int
    ) -> Number {
        // The range is checked by the call, and every bit pattern is an integer.
        unsafe Number(
            littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

extension [UInt8] {
    /// Appends an integer, the least significant byte first.
    @inlinable @inline(__always)
    public mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(
        littleEndian number: Number
    ) {
        // The pointer lives for the call, and is read as far as the integer is wide.
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
    }

    /// Puts an integer at `offset`, the least significant byte first, over bytes that are there.
    @inlinable
    public mutating func set<Number: FixedWidthInteger & BitwiseCopyable>(
        littleEndian number: Number, at offset: Int
    ) {
        var rest = number
        for position in offset..<offset + Number.bitWidth / 8 {
            self[position] = UInt8(truncatingIfNeeded: rest)
            rest = Number.bitWidth > 8 ? rest >> 8 : 0
        }
    }
}
