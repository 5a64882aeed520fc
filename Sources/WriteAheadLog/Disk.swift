/// One directory, as the write-ahead log uses it.
///
/// The log never asks for more than this, so that the production log runs on a simulated disk too.
/// Nothing is durable before it is synced: a file's bytes by `sync`, its name by `syncDirectory`.
public protocol Disk: ~Copyable {
    /// The names of all files in the directory, in any order.
    mutating func list() throws(DiskError) -> [String]

    /// The whole content of a file.
    mutating func read(_ name: String) throws(DiskError) -> [UInt8]

    /// Opens a file for writing: one that exists, or an empty one made in place of whatever had
    /// that name.
    mutating func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile

    /// Gives an open file back. It does not sync.
    mutating func close(_ file: DiskFile)

    /// Writes that range of `bytes` at `offset` of the file, all of it or an error; a file that is
    /// shorter grows.
    mutating func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError)

    /// Makes durable all that was written to the file, its size included (fdatasync).
    mutating func sync(_ file: DiskFile) throws(DiskError)

    /// Makes durable which names the directory holds, and for which files.
    mutating func syncDirectory() throws(DiskError)

    /// Gives a file another name, in place of whatever had that name, in one step.
    mutating func rename(_ name: String, to newName: String) throws(DiskError)

    /// Removes a file.
    mutating func remove(_ name: String) throws(DiskError)
}

/// How a file is opened.
public enum DiskOpening: Sendable {
    /// The file is there, and its bytes stay.
    case existing
    /// The file is made, or emptied if it is there.
    case created
}

/// An open file, by the number that its disk gave it (on a real disk the file descriptor).
public struct DiskFile: Hashable, Sendable {
    /// The number.
    public var number: Int32

    /// The open file of that number.
    public init(_ number: Int32) { self.number = number }
}

/// An operation of a disk that failed.
public struct DiskError: Error, Hashable, Sendable {
    /// What was asked of the disk.
    public enum Operation: String, Sendable {
        /// The directory was listed.
        case list = "listing"
        /// A file was read.
        case read = "reading"
        /// A file was opened or made.
        case open = "opening"
        /// Bytes were written.
        case write = "writing"
        /// A file was synced.
        case sync = "syncing"
        /// The directory was synced.
        case syncDirectory = "syncing the directory of"
        /// A file was renamed.
        case rename = "renaming"
        /// A file was removed.
        case remove = "removing"
    }

    /// What went wrong, as far as the log cares.
    public enum Kind: Sendable {
        /// The disk is full, or a quota is (ENOSPC, EDQUOT, EFBIG).
        case noSpace
        /// There is no such file.
        case missing
        /// This process may not (EACCES, EPERM, EROFS).
        case notAllowed
        /// Anything else.
        case io
    }

    /// What was asked of the disk.
    public var operation: Operation
    /// The file's name; the directory's where there is none.
    public var file: String
    /// What went wrong.
    public var kind: Kind
    /// The system's number for it, 0 where there is none.
    public var errno: Int32

    /// That operation on that file failed.
    public init(_ operation: Operation, _ file: String, _ kind: Kind, errno: Int32 = 0) {
        self.operation = operation
        self.file = file
        self.kind = kind
        self.errno = errno
    }
}

extension DiskError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        let cause =
            switch kind {
            case .noSpace: "no space left"
            case .missing: "no such file"
            case .notAllowed: "permission denied"
            case .io: "input/output error"
            }
        return "\(operation.rawValue) \(file): \(cause)" + (errno == 0 ? "" : " (errno \(errno))")
    }
}
