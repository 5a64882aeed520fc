#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Standard input, output and error as whoever started this process has left them.
public enum StandardStreams {
    /// Opens `/dev/null` in the place of each that is closed. Without that the next file that is opened
    /// gets its number, and a line for people is written into the log of a node.
    ///
    /// - Returns: Whether all three are open now.
    public static func fillGaps() -> Bool {
        while true {
            // The lowest free number is what a new descriptor gets.
            let descriptor = unsafe open("/dev/null", O_RDWR)
            guard descriptor >= 0 else { return false }
            guard descriptor > 2 else { continue }
            close(descriptor)
            return true
        }
    }
}
