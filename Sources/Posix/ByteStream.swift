#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How a read from a stream ended.
public enum ReadResult: Hashable, Sendable {
    /// That many bytes came, at least one.
    case bytes(Int)
    /// The other side has said all that it had to say.
    case end
    /// Nothing now.
    case wouldBlock
}

/// How a write to a stream ended.
public enum WriteResult: Hashable, Sendable {
    /// That many bytes were taken, perhaps fewer than were offered.
    case bytes(Int)
    /// Nothing is taken now.
    case wouldBlock
}

/// Reads and writes on pipes, terminals and whatever stands behind a bare descriptor.
///
/// A write to a pipe without a reader raises SIGPIPE unless `SignalQueue` or
/// `ignoreBrokenPipes()` has been at work; sockets have calls of their own in `TCPStream`.
public enum ByteStream {
    /// Reads what there is into `buffer` from `offset` to its end, which must not be empty.
    public static func read(
        _ descriptor: Int32, into buffer: inout [UInt8], at offset: Int
    ) throws(Errno) -> ReadResult {
        try unsafe receive(into: &buffer, at: offset) { unsafe readBytes(descriptor, $0, $1) }
    }

    /// Writes as much of `bytes[range]` as is taken.
    public static func write(
        _ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(Errno) -> WriteResult {
        try unsafe transmit(bytes, range) { unsafe writeBytes(descriptor, $0, $1) }
    }
}

// Members named read and write hide the calls of the same name, so these stand outside of types.
private func readBytes(_ descriptor: Int32, _ start: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, start, count)
}

private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}

/// Lets `call` fill `buffer` from `offset` to its end.
///
/// The pointer is good: the range is checked to lie in the array, and the call ends before the closure.
@inline(__always)
func receive(
    into buffer: inout [UInt8], at offset: Int,
    by call: (UnsafeMutableRawPointer, Int) -> Int
) throws(Errno) -> ReadResult {
    precondition(offset >= 0 && offset < buffer.count, "read at \(offset) of \(buffer.count)")
    do {
        let count = try unsafe buffer.withUnsafeMutableBufferPointer {
            (target) throws(Errno) -> Int in
            let start = unsafe UnsafeMutableRawPointer(target.baseAddress!) + offset
            let room = target.count - offset
            return try retrying { unsafe call(start, room) }
        }
        return count == 0 ? .end : .bytes(count)
    } catch {
        if error == .wouldBlock { return .wouldBlock }
        throw error
    }
}

/// Lets `call` take bytes from `bytes[range]`; an empty range is taken at once.
///
/// The pointer is good: the range is checked to lie in the array, and the call ends before the closure.
@inline(__always)
func transmit(
    _ bytes: [UInt8], _ range: Range<Int>, by call: (UnsafeRawPointer, Int) -> Int
) throws(Errno) -> WriteResult {
    precondition(
        range.lowerBound >= 0 && range.upperBound <= bytes.count,
        "write \(range) of \(bytes.count)")
    if range.isEmpty { return .bytes(0) }
    do {
        let count = try unsafe bytes.withUnsafeBufferPointer { (source) throws(Errno) -> Int in
            let start = unsafe UnsafeRawPointer(source.baseAddress!) + range.lowerBound
            return try retrying { unsafe call(start, range.count) }
        }
        return .bytes(count)
    } catch {
        if error == .wouldBlock { return .wouldBlock }
        throw error
    }
}
