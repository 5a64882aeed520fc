import Posix
import WriteAheadLog

/// Why a node's directory can't be read.
public enum OfflineFault: Error {
    /// There is no directory of that name.
    case noDirectory(String)
    /// The directory is none of a node's, or of one that was never started to the end.
    case noNode(String)
    /// The directory can't be looked into.
    case file(FileError)
    /// What all of it rests on is damaged or newer, or the disk fails.
    case log(LogFault, directory: String)

    /// What the command ends with.
    public var exitCode: Int32 {
        switch self {
        case .noDirectory, .noNode: 78
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
        case .file(let error): "can't \(error)"
        case .log(let fault, let directory): "\(directory): \(fault)"
        }
    }
}
