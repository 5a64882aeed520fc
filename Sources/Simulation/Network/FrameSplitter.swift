import Wire

/// Finds the frames in a stream of bytes that may be cut anywhere.
struct FrameSplitter {
    /// A frame that is not whole yet.
    private var part: [UInt8] = []

    /// Takes the next bytes of the stream in, and hands on every frame that is whole with them: its
    /// message, and where its bytes lie. Throws where the bytes are no frames.
    mutating func take(
        _ bytes: [UInt8], _ range: Range<Int>,
        _ body: (PeerMessage, [UInt8], Range<Int>) -> Void
    ) throws(WireFault) {
        guard part.isEmpty else {
            part.append(contentsOf: bytes[range])
            let joined = part
            part = []
            return try split(joined, 0..<joined.count, body)
        }
        try split(bytes, range, body)
    }

    private mutating func split(
        _ bytes: [UInt8], _ range: Range<Int>,
        _ body: (PeerMessage, [UInt8], Range<Int>) -> Void
    ) throws(WireFault) {
        var start = range.lowerBound
        while start < range.upperBound,
            let (message, size) = try FrameDecoder.decode(bytes, from: start, to: range.upperBound)
        {
            body(message, bytes, start..<start + size)
            start += size
        }
        if start < range.upperBound { part = Array(bytes[start..<range.upperBound]) }
    }
}
