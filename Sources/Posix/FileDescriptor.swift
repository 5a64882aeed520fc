#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An open descriptor and the only right to it: whoever holds this value closes it by letting go.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The descriptor's number, to lend to calls while this value lives.
    public let rawValue: Int32

    /// Takes over an open descriptor that nothing else will close.
    public init(adopting rawValue: Int32) {
        precondition(rawValue >= 0, "\(rawValue) is no descriptor")
        self.rawValue = rawValue
    }

    deinit {
        // Never repeated: after EINTR the number may belong to another file already.
        _ = close(rawValue)
    }

    /// Gives the number away; the receiver has to close it.
    public consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }
}

/// Makes a descriptor answer "would block" instead of waiting.
///
/// It is a property of the open file, shared with every process that has it; so not for a terminal.
public func setNonBlocking(_ descriptor: Int32) throws(Errno) {
    let flags = try retrying { fcntl(descriptor, F_GETFL) }
    _ = try retrying { fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
}

/// Keeps a descriptor from programs that this process starts.
func setCloseOnExec(_ descriptor: Int32) throws(Errno) {
    _ = try retrying { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
}

/// Whether a person sits at that descriptor.
public func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
}

/// How many columns the terminal at that descriptor has; nil where there is none, or it does not
/// tell.
public func terminalColumns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    // The call fills the one structure that it is lent.
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
        return nil
    }
    return Int(size.ws_col)
}

/// Whether this process is among those that the terminal at that descriptor obeys now. Another that
/// reads from it is stopped by SIGTTIN (POSIX §11.1.4); false where there is no terminal.
public func isInForeground(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && tcgetpgrp(descriptor) == getpgrp()
}
