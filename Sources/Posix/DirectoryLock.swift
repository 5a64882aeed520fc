#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The right to use a directory, held by one process at a time: a lock on its file `lock`.
///
/// It ends with this value and with the process, however that ends, SIGKILL included. The file stays
/// and names the last holder. The lock belongs to the open file, not to the process, so a second try
/// inside of one process fails as it should (flock(2); fcntl's older locks don't do that).
public struct DirectoryLock: ~Copyable, Sendable {
    /// Why the directory can't be used.
    public enum Failure: Error, Hashable, Sendable {
        /// Another one has it; its pid, if the file tells.
        case held(by: Int32?)
        /// The lock's file can't be used.
        case file(FileError)
    }

    /// The name of the lock's file in the directory.
    public static let fileName = "lock"

    private let file: File

    /// Locks the directory at once or fails.
    public init(directory: String) throws(Failure) {
        file = try DirectoryLock.lock(DirectoryLock.path(directory))
    }

    /// The process that has the directory, or nil where none has, or the file does not tell.
    ///
    /// It asks without ever standing in the way of a process that is about to take the lock: only where
    /// the file names a living process is the lock touched, and that one took it before it wrote there.
    public static func holder(ofDirectory directory: String) -> Int32? {
        let path = path(directory)
        guard let pid = holder(path), isAlive(pid), let file = try? File(path, .readOnly) else {
            return nil
        }
        guard flock(file.number, LOCK_SH | LOCK_NB) == 0 else {
            return Errno.current == .wouldBlock ? pid : nil
        }
        _ = flock(file.number, LOCK_UN)
        return nil
    }

    /// Whether that process surely has the directory: its lock is held, and the process has the lock's
    /// file open. The pid in the file alone may be an old one, which another process has by now; so
    /// this is asked before a signal is sent to it.
    ///
    /// A process of another user can't be looked into, and is none. Where the system has no /proc, what
    /// the file says is believed.
    public static func isHeld(ofDirectory directory: String, by pid: Int32) -> Bool {
        guard holder(ofDirectory: directory) == pid else { return false }
        #if os(Linux)
            return hasOpen(path(directory), process: pid)
        #else
            return true
        #endif
    }

    deinit {
        // A child between its fork and its exec still has the open file: closing ours would not do.
        _ = flock(file.number, LOCK_UN)
    }

    private static func path(_ directory: String) -> String { "\(directory)/\(fileName)" }

    private static func lock(_ path: String) throws(Failure) -> File {
        do throws(FileError) {
            let file = try File(path, .createIfMissing)
            let number = file.number
            try FileError.naming(path, .lock) { () throws(Errno) in
                _ = try retrying { flock(number, LOCK_EX | LOCK_NB) }
            }
            // The lock holds with or without its pid, and a full disk must not keep a node down.
            let text = Array("\(getpid())\n".utf8)
            try? file.write(text, 0..<text.count, at: 0)
            try? file.truncate(to: text.count)
            return file
        } catch {
            if error.operation == .lock, error.errno == .wouldBlock {
                throw .held(by: holder(path))
            }
            throw .file(error)
        }
    }

    #if os(Linux)
        /// Whether one of the process's descriptors is that file (proc_pid_fd(5)).
        private static func hasOpen(_ path: String, process pid: Int32) -> Bool {
            guard let file = try? FileSystem.identity(of: path),
                let descriptors = try? FileSystem.names(in: "/proc/\(pid)/fd")
            else { return false }
            return descriptors.contains {
                (try? FileSystem.identity(of: "/proc/\(pid)/fd/\($0)")) == file
            }
        }
    #endif

    /// The pid in the file, which may not be there yet.
    private static func holder(_ path: String) -> Int32? {
        guard let bytes = try? FileSystem.contents(of: path, limit: 64) else { return nil }
        let digits = bytes.prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}
