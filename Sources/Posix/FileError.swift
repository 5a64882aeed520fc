/// Which file could not be used, for what, and why.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    public enum Operation: String, Hashable, Sendable {
        case open, read, write, sync, size, truncate, reserve, lock, list, rename, remove
        case createDirectory = "create directory"
    }

    /// The file's path, as it was given.
    public let path: String
    /// What was tried.
    public let operation: Operation
    /// Why it failed.
    public let errno: Errno

    /// An error with those findings.
    public init(path: String, operation: Operation, errno: Errno) {
        self.path = path
        self.operation = operation
        self.errno = errno
    }

    /// A line for people: `write data/n1/log: No space left on device`.
    public var description: String { "\(operation.rawValue) \(path): \(errno)" }
}
