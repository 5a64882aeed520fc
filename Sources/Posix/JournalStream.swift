#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Whether a service manager reads what this process writes (systemd.exec(5), `$JOURNAL_STREAM`).
public enum JournalStream {
    /// Whether standard error goes to the journal: the environment names its device and inode, and
    /// they are those of the open stream, which may have been redirected since.
    public static var isStandardError: Bool {
        // The environment's string is copied at once; nothing here changes the environment.
        guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
        return names(descriptor: 2, unsafe String(cString: value))
    }

    /// Whether `DEVICE:INODE` are the descriptor's.
    static func names(descriptor: Int32, _ value: String) -> Bool {
        var status = stat()
        // The call fills the one structure that it is given.
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return value == "\(status.st_dev):\(status.st_ino)"
    }
}
