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
    /// Another process holds the data directory.
    case locked(directory: String, pid: Int32?)
    /// An address can't be listened on.
    case bind(what: String, address: String, String)
    /// The directory was founded with other voters than the config file names.
    case otherVoters(String)
    /// A system call failed that never should.
    case system(String, Errno)

    var exitCode: Int32 {
        switch self {
        case .log(let fault), .opening(let fault, _): fault.exitCode
        case .directory, .locked, .system: 74
        case .bind: 71
        case .otherVoters: 78
        }
    }
}

extension ServerFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .log(let fault): "\(fault)"
        case .opening(let fault, let directory): "\(directory): \(fault)"
        case .directory(let error): "the data directory can't be used: \(error)"
        case .locked(let directory, let pid):
            "\(directory) is in use by "
                + (pid.map { "process \($0)" } ?? "another process")
                + "; stop it first, or give this node a directory of its own with --data"
        case .bind(let what, let address, let error):
            "the \(what) address \(address) can't be listened on: \(error)"
        case .otherVoters(let text): text
        case .system(let what, let error): "\(what): \(error)"
        }
    }
}
