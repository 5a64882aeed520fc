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

/// An open file that is read and written by position, whole ranges at a time.
///
/// A write that returned is in the system's memory; it is on the disk after `syncData` or `sync`.
/// After a sync that failed it is unknown what is on the disk, and a second one proves nothing.
public struct File: ~Copyable, Sendable {
    /// What the file is opened for.
    public enum Access: Sendable {
        /// Only to read; it must exist.
        case readOnly
        /// To read and write; it must exist.
        case readWrite
        /// To read and write; created empty, mode 0600, where there is none.
        case createIfMissing
        /// To read and write; created empty, mode 0600. EEXIST where there is one.
        case createNew
        /// To read and write; created, mode 0600, or emptied.
        case createEmpty
    }

    /// The path it was opened by.
    public let path: String
    private let descriptor: FileDescriptor

    /// Opens a file. A new file's name is on the disk after `FileSystem.syncDirectory`.
    public init(_ path: String, _ access: Access) throws(FileError) {
        let flags =
            switch access {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .createIfMissing: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .createEmpty: O_RDWR | O_CREAT | O_TRUNC
            }
        self.path = path
        descriptor = try FileError.naming(path, .open) { () throws(Errno) in
            try openDescriptor(path, flags)
        }
    }

    /// The descriptor's number, for what stands beside this type.
    var number: Int32 { descriptor.rawValue }

    /// Fills `buffer[range]` from byte `offset` of the file on.
    ///
    /// - Returns: How many bytes were read: fewer than the range only where the file ends.
    public func read(
        into buffer: inout [UInt8], _ range: Range<Int>, at offset: Int
    ) throws(FileError) -> Int {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= buffer.count,
            "read into \(range) of \(buffer.count)")
        let number = descriptor.rawValue
        return try FileError.naming(path, .read) { () throws(Errno) in
            // The range lies in the array, and what is done so far in the range.
            try unsafe buffer.withUnsafeMutableBufferPointer { target throws(Errno) in
                var done = 0
                while done < range.count {
                    let start = unsafe target.baseAddress! + (range.lowerBound + done)
                    let count = try retrying {
                        unsafe pread(number, start, range.count - done, off_t(offset + done))
                    }
                    if count == 0 { break }
                    done += count
                }
                return done
            }
        }
    }

    /// Writes all of `bytes[range]` from byte `offset` of the file on, and makes it longer if need be.
    /// ENOSPC, EDQUOT and EFBIG mean that space can't be had; a part may have been written.
    public func write(
        _ bytes: [UInt8], _ range: Range<Int>, at offset: Int
    ) throws(FileError) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "write \(range) of \(bytes.count)")
        let number = descriptor.rawValue
        try FileError.naming(path, .write) { () throws(Errno) in
            // The range lies in the array, and what is done so far in the range.
            try unsafe bytes.withUnsafeBufferPointer { source throws(Errno) in
                var done = 0
                while done < range.count {
                    let start = unsafe source.baseAddress! + (range.lowerBound + done)
                    let count = try retrying {
                        unsafe pwrite(number, start, range.count - done, off_t(offset + done))
                    }
                    // A disk that takes nothing and names no reason would keep us here for ever.
                    if count == 0 { throw .inputOutput }
                    done += count
                }
            }
        }
    }

    /// Writes zeros over those bytes of the file, and makes it longer if need be. Space that holds
    /// zeros already is what a later write syncs fastest into: neither length nor layout change.
    public func writeZeros(_ range: Range<Int>) throws(FileError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 256 * 1024))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try write(zeros, 0..<count, at: offset)
            offset += count
        }
    }

    /// Has the file system set space aside for the file's first `length` bytes, without writing, and
    /// makes the file that long where it is shorter.
    ///
    /// - Returns: False where the file system can't do that; nothing is changed then.
    public func reserve(_ length: Int) throws(FileError) -> Bool {
        #if os(Linux)
            do {
                _ = try retrying { fallocate(number, 0, 0, off_t(length)) }
                return true
            } catch {
                if error.rawValue == EOPNOTSUPP || error.rawValue == ENOSYS { return false }
                throw FileError(path: path, operation: .reserve, errno: error)
            }
        #else
            return false
        #endif
    }

    /// Returns when all written bytes are on the disk, and the length with them; not the times.
    public func syncData() throws(FileError) {
        let number = descriptor.rawValue
        try FileError.naming(path, .sync) { () throws(Errno) in
            #if canImport(Darwin)
                try fullSync(number)
            #else
                _ = try retrying { fdatasync(number) }
            #endif
        }
    }

    /// Returns when the file is on the disk with all that is known about it.
    public func sync() throws(FileError) {
        let number = descriptor.rawValue
        try FileError.naming(path, .sync) { () throws(Errno) in try fullSync(number) }
    }

    /// The file's length in bytes.
    public func size() throws(FileError) -> Int {
        let number = descriptor.rawValue
        return try FileError.naming(path, .size) { () throws(Errno) in
            var information = stat()
            // The call writes one stat, and that is what it gets.
            _ = try retrying { unsafe fstat(number, &information) }
            return Int(information.st_size)
        }
    }

    /// Cuts the file, or lengthens it with zeros, to that many bytes.
    public func truncate(to length: Int) throws(FileError) {
        let number = descriptor.rawValue
        try FileError.naming(path, .truncate) { () throws(Errno) in
            _ = try retrying { ftruncate(number, off_t(length)) }
        }
    }
}

extension FileError {
    /// What `body` gives; its error gets the path and the operation.
    static func naming<Result: ~Copyable>(
        _ path: String, _ operation: Operation, _ body: () throws(Errno) -> Result
    ) throws(FileError) -> Result {
        do {
            return try body()
        } catch {
            throw FileError(path: path, operation: operation, errno: error)
        }
    }
}

/// Opens a path; never for children, and readable by this user alone if it is created.
func openDescriptor(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
    // The path is a C string for the length of the call.
    FileDescriptor(adopting: try retrying { unsafe open(path, flags | O_CLOEXEC, 0o600) })
}

/// fsync(2), and on macOS the call that also empties the drive's own memory.
func fullSync(_ descriptor: Int32) throws(Errno) {
    #if canImport(Darwin)
        // Not every file system knows it: then fsync is all there is.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    _ = try retrying { fsync(descriptor) }
}
