#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What is done to files by name.
public enum FileSystem {
    /// Creates a directory, mode 0700, and those above it that are missing. What was created is on the
    /// disk when this returns.
    ///
    /// - Returns: Whether there was none before.
    @discardableResult
    public static func createDirectory(_ path: String) throws(FileError) -> Bool {
        let parent = parent(of: path)
        do {
            return try createLastDirectory(of: path)
        } catch {
            // What stands in `.` or `/` has nothing above it that could be made: where the working
            // directory itself is gone, nothing can be made in it.
            guard error.errno == .noSuchFile, parent != path, parent != "." else { throw error }
        }
        try createDirectory(parent)
        return try createLastDirectory(of: path)
    }

    /// Creates the directory in one that is there.
    private static func createLastDirectory(of path: String) throws(FileError) -> Bool {
        do {
            try makeDirectory(path)
        } catch {
            if error == .fileExists, isDirectory(path) { return false }
            throw FileError(path: path, operation: .createDirectory, errno: error)
        }
        try syncDirectory(parent(of: path))
        return true
    }

    /// Makes durable that a directory is where it is: syncs the directory that has its name, and all
    /// above it. It may have been made by a process that has synced none of them.
    ///
    /// Those that this user may not open, or that can't be written, are passed over: their names are
    /// for others to look after.
    ///
    /// - Returns: what was synced.
    @discardableResult
    public static func syncDirectories(above path: String) throws(FileError) -> [String] {
        let target = try FileError.naming(path, .open) { () throws(Errno) in
            try resolve(path)
        }
        // A symbolic link has a name of its own, in another directory than what it leads to.
        var directories = [parent(of: path)]
        var directory = target
        while directory != "/" {
            directory = parent(of: directory)
            directories.append(directory)
        }
        var synced: [String] = []
        for directory in directories {
            do {
                try syncDirectory(directory)
                synced.append(directory)
            } catch {
                if !Errno.unwritable.contains(error.errno) { throw error }
            }
        }
        return synced
    }

    /// The names in a directory in the order of their bytes, without `.` and `..`.
    public static func names(in path: String) throws(FileError) -> [String] {
        try FileError.naming(path, .list) { () throws(Errno) in try listNames(path) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    /// Returns when the directory's names are on the disk: those that were added, and those gone.
    public static func syncDirectory(_ path: String) throws(FileError) {
        try FileError.naming(path, .sync) { () throws(Errno) in
            let directory = try openDescriptor(path, O_RDONLY | O_DIRECTORY)
            try fullSync(directory.rawValue)
        }
    }

    /// Gives a file another name, in the place of whatever had it. On the disk after `syncDirectory`.
    public static func rename(_ old: String, to new: String) throws(FileError) {
        try FileError.naming(old, .rename) { () throws(Errno) in try renameFile(old, new) }
    }

    /// Takes a file's name away. On the disk after `syncDirectory`.
    public static func remove(_ path: String) throws(FileError) {
        // The path is a C string for the length of the call.
        try FileError.naming(path, .remove) { () throws(Errno) in
            _ = try retrying { unsafe unlink(path) }
        }
    }

    /// Takes an empty directory away. On the disk after its parent's `syncDirectory`.
    public static func removeDirectory(_ path: String) throws(FileError) {
        // The path is a C string for the length of the call.
        try FileError.naming(path, .remove) { () throws(Errno) in
            _ = try retrying { unsafe rmdir(path) }
        }
    }

    /// Whether something of that name is there; a name that can't be looked at is an error.
    public static func exists(_ path: String) throws(FileError) -> Bool {
        do {
            _ = try status(of: path)
            return true
        } catch {
            if error == .noSuchFile { return false }
            throw FileError(path: path, operation: .open, errno: error)
        }
    }

    /// All bytes of a file of at most `limit` bytes; EFBIG where it is larger.
    public static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
        let file = try File(path, .readOnly)
        // One byte more than allowed tells, and works for files in /proc, whose size is 0.
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let start = bytes.count
            let end = min(start + 64 * 1024, limit + 1)
            bytes += [UInt8](repeating: 0, count: end - start)
            let count = try file.read(into: &bytes, start..<end, at: start)
            if start + count < end {
                bytes.removeLast(end - start - count)
                return bytes
            }
        }
        throw FileError(path: path, operation: .read, errno: .fileTooLarge)
    }

    /// Gives a file new contents so that at every moment, power cuts included, it has either the old
    /// or the new ones: written beside it as `PATH.new`, synced, renamed, and the directory synced.
    public static func replaceAtomically(
        _ path: String, with bytes: [UInt8]
    ) throws(FileError) {
        let aside = path + ".new"
        do {
            let file = try File(aside, .createEmpty)
            try file.write(bytes, 0..<bytes.count, at: 0)
            try file.sync()
            try rename(aside, to: path)
        } catch {
            // What was meant has failed already; a file left over is overwritten by the next try.
            try? remove(aside)
            throw error
        }
        try syncDirectory(parent(of: path))
    }

    /// The directory in which a path's last name stands: `a` for `a/b`, `.` for `b`, `/` for `/b`.
    public static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)
        let slash = UInt8(ascii: "/")
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let cut = bytes.lastIndex(of: slash) else { return path == "." ? "/" : "." }
        bytes.removeSubrange(cut...)
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }

    /// What tells a file from all others, whatever the path that leads to it.
    struct Identity: Equatable {
        let device: dev_t
        let number: ino_t
    }

    /// The identity of the file at the end of that path; links are followed.
    static func identity(of path: String) throws(FileError) -> Identity {
        let information = try FileError.naming(path, .open) { () throws(Errno) in
            try status(of: path)
        }
        return Identity(device: information.st_dev, number: information.st_ino)
    }

    /// Whether there is a directory of that name, or one that a symbolic link of that name leads to.
    public static func isDirectory(_ path: String) -> Bool {
        guard let mode = try? status(of: path).st_mode else { return false }
        return mode & S_IFMT == S_IFDIR
    }
}

// Calls whose names the members above hide. Paths are C strings for the length of each call.

private func makeDirectory(_ path: String) throws(Errno) {
    _ = try retrying { unsafe mkdir(path, 0o700) }
}

/// The path without symbolic links and dots. The buffer is the system's, and is given back.
private func resolve(_ path: String) throws(Errno) -> String {
    guard let resolved = unsafe realpath(path, nil) else { throw Errno.current }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
}

extension Errno {
    /// What a directory says that is not this user's to sync: EACCES, EPERM, EROFS, EINVAL.
    fileprivate static let unwritable = [EACCES, EPERM, EROFS, EINVAL].map { Errno(rawValue: $0) }
}

private func renameFile(_ old: String, _ new: String) throws(Errno) {
    _ = try retrying { unsafe rename(old, new) }
}

private func status(of path: String) throws(Errno) -> stat {
    var information = stat()
    _ = try retrying { unsafe stat(path, &information) }
    return information
}

/// The stream is closed at the end, and an entry is read before the next call may overwrite it. Its
/// name is a C string inside of the entry, found by the field's offset: an entry may be shorter than
/// its type.
private func listNames(_ path: String) throws(Errno) -> [String] {
    guard let stream = unsafe opendir(path) else { throw Errno.current }
    defer { unsafe closedir(stream) }
    let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    var names: [String] = []
    while true {
        // The end and a failure both give nil; only the failure sets errno.
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            if errno != 0 { throw Errno.current }
            return names
        }
        let name = unsafe String(
            cString: (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: CChar.self))
        if name != "." && name != ".." { names.append(name) }
    }
}
