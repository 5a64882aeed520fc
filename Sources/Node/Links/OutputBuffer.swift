/// Bytes that a connection is to send, as far as it has not taken them.
struct OutputBuffer {
    private(set) var bytes: [UInt8] = []
    private var sent = 0

    /// How many bytes wait.
    var count: Int { bytes.count - sent }
    var isEmpty: Bool { count == 0 }

    /// Where in `bytes` they lie.
    var rest: Range<Int> { sent..<bytes.count }

    /// Puts more bytes behind them; `write` appends.
    mutating func append(_ write: (inout [UInt8]) -> Void) { write(&bytes) }

    /// The connection has taken that many.
    mutating func consume(_ count: Int) {
        sent += count
        precondition(sent <= bytes.count, "\(sent) of \(bytes.count) bytes sent")
        if sent == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= NodeLimits.keptRoom)
            sent = 0
        } else if bytes.capacity > NodeLimits.keptRoom, bytes.capacity > self.count * 4 {
            bytes = Array(bytes[sent...])
            sent = 0
        } else if sent > NodeLimits.read, sent >= self.count {
            // What was taken must not pile up before what was not.
            bytes.removeSubrange(0..<sent)
            sent = 0
        }
    }
}
