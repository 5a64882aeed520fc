import Primitives

extension Calculator {
    private static let snapshotVersion: UInt32 = 1
    private static let snapshotLength = 24

    /// The whole state as 24 bytes, little-endian: version 1 (4 bytes), value (8), index of the
    /// last change (8), CRC32C of all that (4).
    public var snapshot: [UInt8] {
        var writer = ByteWriter(capacity: Calculator.snapshotLength)
        writer.write(Calculator.snapshotVersion)
        writer.write(value)
        writer.write(lastChange)
        writer.write(Calculator.checksum(of: writer.bytes, count: writer.count))
        return writer.bytes
    }

    /// The state that a snapshot holds, or nil where the bytes are damaged, of another version or
    /// of another length.
    public init?(snapshot bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == Calculator.snapshotLength,
            reader.read(UInt32.self) == Calculator.snapshotVersion,
            let value = reader.read(Int64.self), let lastChange = reader.read(UInt64.self),
            let checksum = reader.read(UInt32.self),
            checksum == Calculator.checksum(of: bytes, count: bytes.count - 4)
        else { return nil }
        self.init(value: value, lastChange: lastChange)
    }

    private static func checksum(of bytes: [UInt8], count: Int) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes.span.extracting(0..<count))
        return checksum.value
    }
}
