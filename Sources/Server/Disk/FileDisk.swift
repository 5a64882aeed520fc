import Posix
import WriteAheadLog

/// A directory of the file system, as the write-ahead log uses it.
struct FileDisk: Disk, Sendable, ~Copyable {
    /// An open file; a box, since an array can't hold what can't be copied.
    private final class OpenFile: Sendable {
        let file: File
        init(_ file: consuming File) { self.file = file }
    }

    private let directory: String
    private var files: [OpenFile?] = []

    /// The directory at that path, which exists.
    init(directory: String) {
        self.directory = directory
    }

    mutating func list() throws(DiskError) -> [String] {
        do { return try FileSystem.names(in: directory) } catch { throw DiskError(.list, error) }
    }

    mutating func read(_ name: String) throws(DiskError) -> [UInt8] {
        do {
            let file = try File(path(name), .readOnly)
            var bytes = [UInt8](repeating: 0, count: try file.size())
            let count = try file.read(into: &bytes, 0..<bytes.count, at: 0)
            return count == bytes.count ? bytes : Array(bytes[..<count])
        } catch {
            throw DiskError(.read, error)
        }
    }

    mutating func open(_ name: String, _ opening: DiskOpening) throws(DiskError) -> DiskFile {
        do {
            let access: File.Access = opening == .existing ? .readWrite : .createEmpty
            let file = OpenFile(try File(path(name), access))
            if let free = files.firstIndex(where: { $0 == nil }) {
                files[free] = file
                return DiskFile(Int32(free))
            }
            files.append(file)
            return DiskFile(Int32(files.count - 1))
        } catch {
            throw DiskError(.open, error)
        }
    }

    mutating func close(_ file: DiskFile) {
        files[Int(file.number)] = nil
    }

    mutating func write(
        _ bytes: [UInt8], _ range: Range<Int>, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        do {
            try opened(file).file.write(bytes, range, at: offset)
        } catch {
            throw DiskError(.write, error)
        }
    }

    mutating func sync(_ file: DiskFile) throws(DiskError) {
        do { try opened(file).file.syncData() } catch { throw DiskError(.sync, error) }
    }

    mutating func syncDirectory() throws(DiskError) {
        do {
            try FileSystem.syncDirectory(directory)
        } catch {
            throw DiskError(.syncDirectory, error)
        }
    }

    mutating func rename(_ name: String, to newName: String) throws(DiskError) {
        do {
            try FileSystem.rename(path(name), to: path(newName))
        } catch {
            throw DiskError(.rename, error)
        }
    }

    mutating func remove(_ name: String) throws(DiskError) {
        do { try FileSystem.remove(path(name)) } catch { throw DiskError(.remove, error) }
    }

    private func path(_ name: String) -> String { directory + "/" + name }

    private func opened(_ file: DiskFile) -> OpenFile {
        guard let opened = files[Int(file.number)] else {
            preconditionFailure("file \(file.number) is not open")
        }
        return opened
    }
}

extension DiskError {
    /// The same error in the log's words.
    init(_ operation: Operation, _ error: FileError) {
        let kind: Kind =
            switch error.errno {
            case .noSpace, .quotaExceeded, .fileTooLarge: .noSpace
            case .noSuchFile: .missing
            case .permissionDenied, .notPermitted, .readOnlyFileSystem: .notAllowed
            default: .io
            }
        self.init(operation, error.path, kind, errno: error.errno.rawValue)
    }
}
