/// Bytes that came over a connection and are not looked at yet.
struct InputBuffer {
    private(set) var bytes: [UInt8] = []
    /// Where what is not looked at begins.
    private(set) var start = 0
    /// How many times in a row it held less than a quarter of its room.
    private var quietReads = 0

    /// How many bytes wait.
    var count: Int { bytes.count - start }

    mutating func append(_ source: [UInt8], _ range: Range<Int>) {
        makeRoom(for: range.count)
        bytes.append(contentsOf: source[range])
    }

    /// That many more bytes have been looked at.
    mutating func consume(_ count: Int) {
        start += count
        precondition(start <= bytes.count, "\(start) of \(bytes.count) bytes consumed")
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        }
    }

    /// Moves what waits to the front before the array grows, and gives the room of a peak back.
    private mutating func makeRoom(for more: Int) {
        quietReads = (count + more) * 4 < bytes.capacity ? quietReads + 1 : 0
        if bytes.capacity > NodeLimits.read * 2, quietReads > NodeLimits.quietReads {
            bytes = Array(bytes[start...])
            start = 0
            quietReads = 0
        } else if start > 0, bytes.count + more > bytes.capacity {
            bytes.removeSubrange(0..<start)
            start = 0
        }
    }
}
