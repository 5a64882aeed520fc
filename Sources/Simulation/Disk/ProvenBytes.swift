import Primitives

/// A second, simple reading of a segment (docs/disk-format.md, "Segments" and "Records"): which of
/// its bytes are known for certain to have been synced, by what the log itself holds.
///
/// Damage to these must be found or be harmless. Behind them lies at most the last batch, which
/// nothing tells from a torn one when it is damaged: the one window that the format names.
struct ProvenBytes {
    /// Whether the segment is closed with a seal.
    private(set) var isSealed = false
    /// The offset up to which it is proven.
    private(set) var end = 64
    /// Where its last batch begins; nil where it has none behind its head.
    private(set) var lastBatch: Int?

    init(_ bytes: [UInt8]) {
        guard bytes.count >= 64 else { return }
        // The head was synced before the seal that names the segment.
        end += Int(ProvenBytes.number(bytes, 40) & 0xFFFF_FFFF)
        let start = ProvenBytes.number(bytes, 24)
        let headEnd = end
        var batchDurable: UInt64?
        var offset = 64
        var isAllProven = false
        while offset + 32 <= bytes.count, bytes[offset + 4] != 0 {
            let body =
                Int(bytes[offset + 5]) | Int(bytes[offset + 6]) << 8
                | Int(bytes[offset + 7]) << 16
            let size = 32 + (body + 7) / 8 * 8
            guard offset + size <= bytes.count else { break }
            var checksum = CRC32C()
            checksum.update(start + UInt64(offset))
            checksum.update(bytes.span.extracting(offset + 4..<offset + size))
            guard UInt64(checksum.value) == ProvenBytes.number(bytes, offset) & 0xFFFF_FFFF
            else { break }
            let durable = ProvenBytes.number(bytes, offset + 24)
            // All records of a batch say the same of what was durable before it; a mark is none of it.
            if offset >= headEnd, bytes[offset + 4] != 6, durable != batchDurable {
                batchDurable = durable
                lastBatch = offset
            }
            end = max(end, Int(durable > start ? durable - start : 0))
            let kind = bytes[offset + 4]
            isSealed = kind == 7
            // Behind a seal, or the log's last mark, lies nothing that counts.
            isAllProven = isSealed || (kind == 6 && end == offset)
            offset += size
            if isSealed { break }
        }
        if isAllProven { end = bytes.count }
        end = min(end, bytes.count)
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        var number: UInt64 = 0
        for position in (0..<8).reversed() {
            number = number << 8 | UInt64(bytes[offset + position])
        }
        return number
    }
}
