#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

#if os(Linux)
    internal import CLinux
#endif

/// Two ends of a pipe: what is written to one is read from the other, and the last writer's end is
/// the reader's end of stream. So it also tells a child that its parent is gone.
///
/// Neither end reaches a child unless it is handed over. Neither blocks, but the one that is meant for a
/// child, which expects that of its standard streams.
public struct Pipe: ~Copyable, Sendable {
    /// One of a pipe's two ends.
    public enum End: Sendable {
        /// What is read from.
        case reading
        /// What is written to.
        case writing
    }

    private var reader: FileDescriptor?
    private var writer: FileDescriptor?

    /// The end to read from; it must not be closed yet.
    public let readingEnd: Int32
    /// The end to write to; it must not be closed yet.
    public let writingEnd: Int32

    /// A new pipe; fails with EMFILE or ENFILE where no descriptors are left.
    ///
    /// - Parameter childsEnd: The end that will be handed to a child, and blocks.
    public init(childsEnd: End? = nil) throws(Errno) {
        var ends: [Int32] = [-1, -1]
        // The call fills two numbers, and the array has two.
        #if os(Linux)
            _ = try retrying { unsafe pipe2(&ends, O_CLOEXEC) }
        #else
            _ = try retrying { unsafe pipe(&ends) }
        #endif
        let reader = FileDescriptor(adopting: ends[0])
        let writer = FileDescriptor(adopting: ends[1])
        #if !os(Linux)
            for end in ends { try setCloseOnExec(end) }
        #endif
        if childsEnd != .reading { try setNonBlocking(ends[0]) }
        if childsEnd != .writing { try setNonBlocking(ends[1]) }
        readingEnd = ends[0]
        writingEnd = ends[1]
        self.reader = consume reader
        self.writer = consume writer
    }

    /// Closes the reading end, as a parent does when its child has it.
    public mutating func closeReadingEnd() {
        reader = nil
    }

    /// Closes the writing end, as a parent does when its child has it.
    public mutating func closeWritingEnd() {
        writer = nil
    }
}
