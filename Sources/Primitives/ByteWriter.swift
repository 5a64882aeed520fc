/// Appends integers and bytes to a buffer, little-endian.
public struct ByteWriter: Sendable {
    /// What has been written so far.
    public var bytes: [UInt8]

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// A writer that goes on at the end of `bytes`.
    public init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    /// How many bytes have been written.
    @inlinable
    public var count: Int { bytes.count }

    /// Appends one integer of any width, least significant byte first.
    @inlinable
    public mutating func write<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        bytes.append(littleEndian: number)
    }

    /// Appends the bytes as they are.
    @inlinable
    public mutating func write(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    /// Appends one byte that counts them, then the bytes; at most 255.
    public mutating func writeShort(_ more: [UInt8]) {
        precondition(more.count <= 255, "\(more.count) bytes do not fit a one-byte length")
        write(UInt8(more.count))
        write(more)
    }

    /// Writes an integer over bytes that were written before, from `position` on.
    @inlinable
    public mutating func overwrite<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number, at position: Int
    ) {
        bytes.set(littleEndian: number, at: position)
    }

    /// Appends zeros until the count is a multiple of `alignment`.
    @inlinable
    public mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }
}
