/// Bytes that a stream has not taken yet: appended at the end, taken from the front as far as there is
/// room.
///
/// ```swift
/// output.append(bytes)
/// let isEmpty = try stream.flush(&output)  // nothing waits, or the stream takes no more for now
/// ```
public struct SendBuffer: Sendable {
    /// The bytes; those before `sent` are gone already. An encoder may append to them, and no more.
    public var bytes: [UInt8]
    /// Where what waits begins.
    private var sent = 0
    private let keptCapacity: Int

    /// A buffer with those bytes.
    ///
    /// - Parameter keptCapacity: The room that stays while nothing waits; more, after a peak, is given
    ///   back.
    public init(_ bytes: [UInt8] = [], keptCapacity: Int = 16_384) {
        self.bytes = bytes
        self.keptCapacity = keptCapacity
    }

    /// How many bytes wait.
    public var count: Int { bytes.count - sent }

    /// Whether none waits.
    public var isEmpty: Bool { count == 0 }

    /// Where in `bytes` those lie that wait.
    public var rest: Range<Int> { sent..<bytes.count }

    /// Appends bytes.
    public mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    /// The stream has taken that many; takes constant time a byte, whatever is appended meanwhile.
    public mutating func consume(_ count: Int) {
        sent += count
        precondition(sent <= bytes.count, "\(sent) of \(bytes.count) bytes sent")
        if sent == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= keptCapacity)
            sent = 0
        } else if bytes.capacity > keptCapacity, bytes.capacity / 4 > self.count {
            bytes = Array(bytes[sent...])
            sent = 0
        } else if sent > keptCapacity, sent >= self.count {
            // What was taken must not pile up before what was not.
            bytes.removeSubrange(0..<sent)
            sent = 0
        }
    }

    /// Sends what waits, as much as `send` takes.
    ///
    /// - Parameter send: Given the bytes and the range of those that wait, which is not empty; says how
    ///   many it took, or nil where it takes none for now. What it throws leaves the rest waiting.
    /// - Returns: Whether nothing waits any more.
    public mutating func flush<Failure: Error>(
        _ send: ([UInt8], Range<Int>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        while !isEmpty {
            guard let count = try send(bytes, rest) else { return false }
            consume(count)
        }
        return true
    }
}
