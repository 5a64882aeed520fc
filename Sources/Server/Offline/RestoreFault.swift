import Posix
import WriteAheadLog

/// Why a node's directory can't be prepared.
public enum RestoreFault: Error {
    /// There is something already.
    case occupied(String)
    /// Another process prepares it.
    case inUse(String)
    /// A file or directory can't be made or looked at.
    case file(FileError)
    /// The log or the snapshot can't be written.
    case log(LogFault, directory: String)

    /// What the command ends with.
    public var exitCode: Int32 {
        switch self {
        case .occupied: 78
        case .inUse, .file: 74
        case .log(let fault, _): fault.exitCode
        }
    }
}

extension RestoreFault: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .occupied(let path):
            "\(path) is there already; a backup is restored into new directories only: name another "
                + "--data, or with --node each node that has none yet"
        case .inUse(let path): "\(path) is in use: another process restores there"
        case .file(let error): "can't \(error)"
        case .log(let fault, let directory): "\(directory): \(fault)"
        }
    }
}
