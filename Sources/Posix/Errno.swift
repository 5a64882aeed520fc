#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Why a system call failed: the number that it left in `errno`, and its text.
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number, as this system's `<errno.h>` has it.
    public let rawValue: Int32

    /// The error with that number.
    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// What the last failed call of this thread left behind.
    static var current: Errno { Errno(rawValue: errno) }

    /// The system's text for the number, such as "Connection refused".
    public var description: String {
        var text = [CChar](repeating: 0, count: 256)
        // strerror is not safe beside other threads; its XSI twin writes into our array and keeps to
        // the length that the array gives.
        let failure = unsafe strerror_r(rawValue, &text, text.count)
        guard failure == 0 else { return "error \(rawValue)" }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Errno {
    /// EINTR: a signal came first.
    public static let interrupted = Errno(rawValue: EINTR)
    /// EAGAIN: nothing now, ask again when the descriptor is ready.
    public static let wouldBlock = Errno(rawValue: EAGAIN)
    /// EINPROGRESS: the connection is being made.
    public static let inProgress = Errno(rawValue: EINPROGRESS)
    /// ECONNREFUSED: no socket listens there.
    public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    /// ECONNRESET: the peer threw the connection away.
    public static let connectionReset = Errno(rawValue: ECONNRESET)
    /// ECONNABORTED: a connection ended before it was accepted.
    public static let connectionAborted = Errno(rawValue: ECONNABORTED)
    /// EPIPE: the reader is gone.
    public static let brokenPipe = Errno(rawValue: EPIPE)
    /// EADDRINUSE: another socket listens there.
    public static let addressInUse = Errno(rawValue: EADDRINUSE)
    /// EAFNOSUPPORT: this machine does not know that kind of address.
    public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
    /// EADDRNOTAVAIL: this machine does not have that address.
    public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
    /// EMFILE: this process has as many descriptors as it may have.
    public static let tooManyOpenFiles = Errno(rawValue: EMFILE)
    /// ENFILE: the machine has as many descriptors as it may have.
    public static let tooManyOpenFilesInSystem = Errno(rawValue: ENFILE)
    /// EACCES: not allowed.
    public static let permissionDenied = Errno(rawValue: EACCES)
    /// EPERM: not allowed to this user.
    public static let notPermitted = Errno(rawValue: EPERM)
    /// EROFS: the file system takes no writes.
    public static let readOnlyFileSystem = Errno(rawValue: EROFS)
    /// ENOTDIR: a file where a directory should be.
    public static let notADirectory = Errno(rawValue: ENOTDIR)
    /// EISDIR: a directory where a file should be.
    public static let isADirectory = Errno(rawValue: EISDIR)
    /// ENOENT: no such file.
    public static let noSuchFile = Errno(rawValue: ENOENT)
    /// EEXIST: the file is there already.
    public static let fileExists = Errno(rawValue: EEXIST)
    /// EBADF: no such descriptor.
    public static let badDescriptor = Errno(rawValue: EBADF)
    /// EFBIG: larger than a file may be here.
    public static let fileTooLarge = Errno(rawValue: EFBIG)
    /// ENOSPC: the disk is full.
    public static let noSpace = Errno(rawValue: ENOSPC)
    /// EDQUOT: the user's share of the disk is full.
    public static let quotaExceeded = Errno(rawValue: EDQUOT)
    /// EIO: the device failed.
    public static let inputOutput = Errno(rawValue: EIO)
    /// ENOTSUP: this system or file system can't do that.
    public static let notSupported = Errno(rawValue: ENOTSUP)
    /// ESRCH: no such process.
    public static let noSuchProcess = Errno(rawValue: ESRCH)
}

/// What `call` gives, called again as long as signals interrupt it; −1 becomes the error behind it.
@inline(__always)
func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.current
        if error != .interrupted { throw error }
    }
}
