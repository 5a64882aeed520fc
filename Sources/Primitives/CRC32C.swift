/// The Castagnoli checksum (RFC 3720 §12.1; polynomial 1EDC6F41, reflected), computed eight bytes a
/// step with eight tables ("slicing by 8").
///
/// ```swift
/// var checksum = CRC32C()
/// checksum.update(Array("123456789".utf8).span)
/// checksum.value  // 0xE306_9283
/// ```
public struct CRC32C: Sendable {
    @usableFromInline var state: UInt32 = 0xFFFF_FFFF
    // The tables are held by the value, since a global constant is checked at every access.
    @usableFromInline let table: [UInt32]

    /// The checksum of no bytes yet.
    public init() {
        table = CRC32C.tables
    }

    /// The checksum of all bytes so far.
    public var value: UInt32 { ~state }

    /// Starts again with no bytes.
    public mutating func reset() {
        state = 0xFFFF_FFFF
    }

    /// Takes in a run of bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        // A copy of the reference, so that its span does not borrow the value that is changed here.
        let table = table
        let tables = table.span
        var crc = state
        var position = 0
        while position + 8 <= bytes.count {
            crc = CRC32C.step(crc, bytes.littleEndian(UInt64.self, at: position), tables)
            position += 8
        }
        while position < bytes.count {
            crc = (crc >> 8) ^ tables[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
            position += 1
        }
        state = crc
    }

    /// Takes in one integer, least significant byte first.
    public mutating func update(_ number: UInt64) {
        let table = table
        state = CRC32C.step(state, number, table.span)
    }

    @inline(__always)
    private static func step(_ crc: UInt32, _ word: UInt64, _ tables: Span<UInt32>) -> UInt32 {
        let mixed = word ^ UInt64(crc)
        var next: UInt32 = 0
        for lane in 0..<8 {
            let byte = Int(truncatingIfNeeded: (mixed >> UInt64(8 * lane)) & 0xFF)
            next ^= tables[(7 - lane) * 256 + byte]
        }
        return next
    }

    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1
            }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}
