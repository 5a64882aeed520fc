import Posix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that a supervised node's log goes to: appended to, life after life.
struct NodeLogFile {
    let path: String

    /// Opens the file for a child to append to; created where there is none.
    func openForAppending() throws(FileError) -> FileDescriptor {
        // The path is a C string for the length of the call.
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw FileError(path: path, operation: .open, errno: Errno(rawValue: errno))
        }
        return FileDescriptor(adopting: number)
    }

    /// The file's length in bytes, 0 where it can't be read.
    var length: Int {
        guard let file = try? File(path, .readOnly) else { return 0 }
        return (try? file.size()) ?? 0
    }

    /// The last line that holds anything and was written from byte `start` on: a life's last words.
    func lastLine(since start: Int) -> String? {
        let most = 4096
        guard let file = try? File(path, .readOnly), let size = try? file.size() else { return nil }
        let begin = max(start, size - most)
        guard begin < size else { return nil }
        var bytes = [UInt8](repeating: 0, count: size - begin)
        guard let count = try? file.read(into: &bytes, 0..<bytes.count, at: begin) else {
            return nil
        }
        let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"))
        guard let last = lines.last(where: { !$0.allSatisfy { $0 <= 0x20 } }) else { return nil }
        // A terminal obeys control characters, whoever wrote them.
        let shown = String(decoding: last, as: UTF8.self).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : String(scalar)
        }
        return shown.joined()
    }
}
