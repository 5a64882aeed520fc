import Posix
import WriteAheadLog

/// How a node ended.
public struct NodeExit: Hashable, Sendable {
    /// The process's exit code, as in sysexits.
    public var code: Int32
    /// One line that says why and what to do; nil after an orderly end.
    public var message: String?
}

/// Why a node can't start or go on.
enum ServerFault: Error {
    /// The log is damaged, belongs to somebody else, or its disk failed.
    case log(LogFault)
    /// The same, found when the log was opened, with the directory that it lies in.
    case opening(LogFault, directory: String)
    /// The data directory can't be made or read.
    case directory(FileError)
    /// The directory from which the node was started is gone, and its data lie below it.
    case workingDirectoryGone(data: String)
    /// Another process holds the data directory.
    case locked(directory: String, pid: Int32?)
    /// An address can't be listened on.
    case bind(what: String, address: String, String)
    /// The directory was founded with other voters than the config file names.
    case otherVoters(String)
    /// The state in the newest snapshot, whose checksum holds, can't be read: a newer version wrote it.
    case unreadableState(directory: String, index: UInt64)
    /// A system call failed that never should.
    case system(String, Errno)

    var exitCode: Int32 {
        switch self {
        case .log(let fault), .opening(let fault, _): fault.exitCode
        case .directory, .workingDirectoryGone, .locked, .system: 74
        case .bind: 71
        case .otherVoters: 78
        case .unreadableState: 65
        }
    }
}

extension ServerFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .log(let fault): ServerFault.text(of: fault)
        case .opening(let fault, let directory): "\(directory): \(ServerFault.text(of: fault))"
        case .directory(let error): "the data directory can't be used: \(error)"
        case .workingDirectoryGone(let data):
            "the data directory \(data) can't be made: the working directory is gone; start the node "
                + "in one that exists, or give it an absolute path with --data"
        case .locked(let directory, let pid):
            "\(directory) is in use by "
                + (pid.map { "process \($0)" } ?? "another process")
                + "; stop it first, or give this node a directory of its own with --data"
        case .bind(let what, let address, let error):
            "the \(what) address \(address) can't be listened on: \(error)"
        case .otherVoters(let text): text
        case .unreadableState(let directory, let index):
            "\(directory): the state in the snapshot through index \(index) was written by a newer "
                + "version of tally; start the node with that version"
        case .system(let what, let error): "\(what): \(error)"
        }
    }
}

extension ServerFault {
    /// The log's own words, but for an error that the system has a name for: that a file may not be
    /// opened, or that descriptors have run out, is no failure of the disk.
    fileprivate static func text(of fault: LogFault) -> String {
        guard case .disk(let error) = fault, error.errno != 0 else { return fault.description }
        let errno = Errno(rawValue: error.errno)
        let what = "\(error.operation.rawValue) \(error.file): \(errno)"
        if let advice = advice(on: errno) { return "the log can't be used: \(what); \(advice)" }
        return "the disk failed: \(what). What was acknowledged is safe on a majority; look after "
            + "the disk, then start the node again"
    }

    /// What to do where the disk is not to blame; nil where it may be.
    private static func advice(on errno: Errno) -> String? {
        switch errno {
        case .permissionDenied, .notPermitted:
            "let the user that runs this node read and write there, then start it again"
        case .readOnlyFileSystem: "mount it for writing, or give this node another --data"
        case .notADirectory, .isADirectory:
            "something else lies in the place of the node's own files; move it away"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
            "raise the limit of open files, then start the node again"
        default: nil
        }
    }
}
