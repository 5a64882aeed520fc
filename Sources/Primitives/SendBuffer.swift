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

    /// Appends bytes.
    public mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    /// Sends what waits, as much as `send` takes; takes constant time a byte, whatever is appended
    /// meanwhile.
    ///
    /// - Parameter send: Given the bytes and the range of those that wait, which is not empty; says how
    ///   many it took, or nil where it takes none for now. What it throws leaves the rest waiting.
    /// - Returns: Whether nothing waits any more.
    public mutating func flush<Failure: Error>(
        _ send: ([UInt8], Range<Int>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        while sent < bytes.count {
            guard let count = try send(bytes, sent..<bytes.count) else {
                dropSent()
                return false
            }
            sent += count
        }
        bytes.removeAll(keepingCapacity: bytes.capacity <= keptCapacity)
        sent = 0
        return true
    }

    /// While the other side takes little, what it has taken must not pile up before what it has not.
    private mutating func dropSent() {
        if bytes.capacity > keptCapacity, bytes.capacity / 4 > count {
            bytes = Array(bytes[sent...])
            sent = 0
        } else if sent > keptCapacity, sent >= count {
            bytes.removeSubrange(0..<sent)
            sent = 0
        }
    }
}
