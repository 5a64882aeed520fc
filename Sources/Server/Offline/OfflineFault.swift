import Posix
import WriteAheadLog

/// Why a node's directory can't be read.
public enum OfflineFault: Error {
    /// There is no directory of that name.
    case noDirectory(String)
    /// The directory is none of a node's, or of one that was never started to the end.
    case noNode(String)
    /// No entry is known committed there, so there is no state to save.
    case nothingCommitted(String)
    /// The directory is damaged, and what it holds is not to be relied on.
    case damaged([String], directory: String)
    /// The directory can't be looked into.
    case file(FileError)
    /// What all of it rests on is damaged or newer, or the disk fails.
    case log(LogFault, directory: String)

    /// What the command ends with.
    public var exitCode: Int32 {
        switch self {
        case .noDirectory, .noNode, .nothingCommitted: 78
        case .damaged: 65
        case .file: 74
        case .log(let fault, _): fault.exitCode
        }
    }
}

extension OfflineFault: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .noDirectory(let path): "there is no directory \(path); write DIR/ID, such as data/n1"
        case .noNode(let path):
            "\(path) holds nothing of a node; write DIR/ID, such as data/n1"
        case .nothingCommitted(let path):
            "\(path) knows of no entry that is committed, so it holds no state to save"
        case .damaged(let faults, let directory):
            "\(directory): \(faults.joined(separator: "; "))"
        case .file(let error): "can't \(error)"
        case .log(let fault, let directory): "\(directory): \(fault)"
        }
    }
}
