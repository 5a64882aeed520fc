import Primitives

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Standard error, for lines that must not hold anybody up.
public enum StandardError {
    /// The longest line that is written whole; POSIX lets a pipe that is ready take this much.
    public static let longestLine = 4_096

    /// Writes the bytes, at most `longestLine` of them, if that does not block. Returns whether it
    /// did not have to.
    public static func writeIfRoom(_ bytes: [UInt8]) -> Bool {
        write(bytes, within: .zero)
    }

    /// Writes the bytes, at most `longestLine` of them, as soon as there is room, waiting no longer
    /// than that. Returns whether they were written.
    @discardableResult
    public static func write(_ bytes: [UInt8], within limit: Timespan) -> Bool {
        var request = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(clamping: limit.wholeMilliseconds)
        // The call reads and writes the one structure that it is given.
        guard unsafe poll(&request, 1, milliseconds) == 1, request.revents & Int16(POLLOUT) != 0
        else {
            return false
        }
        let end = min(bytes.count, longestLine)
        guard case .bytes(end) = try? ByteStream.write(2, bytes, 0..<end) else { return false }
        return true
    }
}
