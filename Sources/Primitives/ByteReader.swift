/// Takes integers and bytes from a range of a buffer, little-endian, and never beyond its end.
///
/// Every call returns nil where too few bytes are left, and then takes nothing: damaged input is
/// an answer, not a trap.
public struct ByteReader {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let end: Int

    /// Where the next byte is taken from, an index into the buffer.
    @inlinable
    public var position: Int { next }

    @usableFromInline var next: Int

    /// Reads the whole of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.init(bytes, in: 0..<bytes.count)
    }

    /// Reads a range of `bytes`, which must lie within them.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "reading \(range)")
        self.bytes = bytes
        next = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes are left.
    @inlinable
    public var remaining: Int { end - position }

    /// The next integer, or nil where the bytes end before it does.
    @inlinable
    public mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type
    ) -> Number? {
        let width = Number.bitWidth / 8
        guard remaining >= width else { return nil }
        let number = bytes.span.littleEndian(Number.self, at: position)
        next += width
        return number
    }

    /// The next `count` bytes, or nil where there are fewer; `count` is not negative.
    public mutating func read(count: Int) -> [UInt8]? {
        guard let range = skip(count: count) else { return nil }
        return Array(bytes[range])
    }

    /// Passes over the next `count` bytes and says where they lie, or nil where there are fewer.
    @inlinable
    public mutating func skip(count: Int) -> Range<Int>? {
        precondition(count >= 0, "reading \(count) bytes")
        guard remaining >= count else { return nil }
        let range = position..<position + count
        next += count
        return range
    }

    /// Bytes behind a one-byte count, as `ByteWriter.writeShort` leaves them.
    public mutating func readShort() -> [UInt8]? {
        let start = position
        guard let count = read(UInt8.self), let bytes = read(count: Int(count)) else {
            next = start
            return nil
        }
        return bytes
    }

    /// A node's name behind a one-byte count, or nil where the bytes are no name.
    public mutating func readNodeID() -> NodeID? {
        readShort().flatMap { NodeID(bytes: $0) }
    }
}
