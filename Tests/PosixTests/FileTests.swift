import Posix
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct FileTests {
    @Test func positionsAreKept() throws {
        let directory = try TemporaryDirectory()
        let file = try File(directory.path + "/log", .createNew)
        try file.write(Array(0..<100), 10..<20, at: 5)
        try file.writeZeros(15..<600_000)
        try file.write([7], 0..<1, at: 599_999)
        try file.syncData()
        try file.sync()
        #expect(try file.size() == 600_000)
        var bytes = [UInt8](repeating: 255, count: 32)
        #expect(try file.read(into: &bytes, 2..<22, at: 0) == 20)
        let zeros = [UInt8](repeating: 0, count: 5)
        #expect(
            bytes == [255, 255] + zeros + Array(10..<20) + zeros + Array(repeating: 255, count: 10))
        // Short only where the file ends.
        #expect(try file.read(into: &bytes, 0..<32, at: 599_998) == 2)
        #expect(bytes[0...1] == [0, 7])
        #expect(try file.read(into: &bytes, 0..<32, at: 700_000) == 0)
        try file.truncate(to: 7)
        #expect(try FileSystem.contents(of: file.path, limit: 7) == zeros + [10, 11])
    }

    @Test func reservedSpaceIsZeros() throws {
        let directory = try TemporaryDirectory()
        let file = try File(directory.path + "/log", .createNew)
        try file.write([1, 2, 3], 0..<3, at: 0)
        if try file.reserve(10_000) {
            #expect(try file.size() == 10_000)
            let all = try FileSystem.contents(of: file.path, limit: 10_000)
            #expect(all == [1, 2, 3] + [UInt8](repeating: 0, count: 9_997))
        }
    }

    @Test func filesAreOpenedAsAsked() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a"
        func fault(_ errno: Errno, _ operation: FileError.Operation = .open) -> FileError {
            FileError(path: path, operation: operation, errno: errno)
        }
        #expect(throws: fault(.noSuchFile)) { _ = try File(path, .readOnly) }
        #expect(throws: fault(.noSuchFile)) { _ = try File(path, .readWrite) }
        try File(path, .createNew).write([1], 0..<1, at: 0)
        #expect(throws: fault(.fileExists)) { _ = try File(path, .createNew) }
        #expect(try File(path, .createIfMissing).size() == 1)
        #expect(try File(path, .readWrite).size() == 1)
        #expect(throws: fault(.badDescriptor, .write)) {
            try File(path, .readOnly).write([1], 0..<1, at: 0)
        }
        #expect(try File(path, .createEmpty).size() == 0)
        #expect(fault(.noSpace, .write).description == "write \(path): No space left on device")
    }

    @Test func aFullDiskIsNamed() throws {
        // Linux has a device that is always full.
        guard try FileSystem.exists("/dev/full") else { return }
        let expected = FileError(path: "/dev/full", operation: .write, errno: .noSpace)
        #expect(throws: expected) { try File("/dev/full", .readWrite).write([1], 0..<1, at: 0) }
    }

    @Test(arguments: ["/proc/nobody/x/y", ""])
    func aDirectoryThatCanNotBeMadeIsAnError(_ path: String) throws {
        let error = try #require(throws: FileError.self) { try FileSystem.createDirectory(path) }
        #expect(error.operation == .createDirectory && error.errno == .noSuchFile)
    }

    @Test func directories() throws {
        let directory = try TemporaryDirectory()
        let deep = directory.path + "/x/y/z"
        #expect(try FileSystem.createDirectory(deep))
        #expect(try !FileSystem.createDirectory(deep))
        #expect(try !FileSystem.createDirectory(deep + "/"))
        for name in ["b", "a10", "a2", ".hidden", "ö"] {
            _ = try File("\(deep)/\(name)", .createNew)
        }
        try FileSystem.syncDirectory(deep)
        #expect(try FileSystem.names(in: deep) == [".hidden", "a10", "a2", "b", "ö"])
        try FileSystem.rename(deep + "/b", to: deep + "/a2")
        try FileSystem.remove(deep + "/ö")
        #expect(try FileSystem.names(in: deep) == [".hidden", "a10", "a2"])
        #expect(try FileSystem.exists(deep + "/a2"))
        #expect(try !FileSystem.exists(deep + "/b"))
        let file = deep + "/a2"
        #expect(
            throws: FileError(path: file, operation: .createDirectory, errno: .fileExists)
        ) {
            try FileSystem.createDirectory(file)
        }
        let gone = directory.path + "/gone"
        #expect(throws: FileError(path: gone, operation: .list, errno: .noSuchFile)) {
            try FileSystem.names(in: gone)
        }
        #expect(throws: FileError(path: gone, operation: .remove, errno: .noSuchFile)) {
            try FileSystem.remove(gone)
        }
    }

    @Test func allDirectoriesAboveAreSynced() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.path + "/x/y/z")
        let synced = try FileSystem.syncDirectories(above: directory.path + "/x/../x/y/./z/")
        for path in ["\(directory.path)/x/y", "\(directory.path)/x", directory.path, "/tmp", "/"] {
            #expect(synced.contains { $0.hasSuffix(path) }, "\(path) of \(synced)")
        }
        // A link is synced where it stands, and what it leads to where that is.
        #expect(symlink("x/y", directory.path + "/link") == 0)
        let linked = try FileSystem.syncDirectories(above: directory.path + "/link")
        #expect(linked.first == directory.path)
        #expect(linked.contains { $0.hasSuffix("\(directory.path)/x") })
        let gone = directory.path + "/gone"
        #expect(throws: FileError(path: gone, operation: .open, errno: .noSuchFile)) {
            try FileSystem.syncDirectories(above: gone)
        }
    }

    @Test(arguments: [
        ("a/b", "a"), ("/a/b/", "/a"), ("b", "."), ("/b", "/"), ("/", "/"), ("a//b", "a"),
        (".", "/"), ("//b", "/"),
    ]) func parents(_ path: String, _ parent: String) {
        // "." has no name to cut off, and the root is where every search ends.
        #expect(FileSystem.parent(of: path) == parent)
    }

    @Test func contentsAreReplacedWhole() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/identity"
        try FileSystem.replaceAtomically(path, with: [1, 2, 3])
        #expect(try FileSystem.contents(of: path, limit: 3) == [1, 2, 3])
        // What a crash left beside it does no harm.
        try File(path + ".new", .createNew).write(Array(repeating: 9, count: 50), 0..<50, at: 0)
        try FileSystem.replaceAtomically(path, with: [4])
        #expect(try FileSystem.contents(of: path, limit: 100) == [4])
        #expect(try FileSystem.names(in: directory.path) == ["identity"])
        // What can't be replaced keeps its contents, and nothing is left beside it.
        let blocked = directory.path + "/full"
        try FileSystem.createDirectory(blocked + "/inner")
        #expect(throws: FileError.self) { try FileSystem.replaceAtomically(blocked, with: [1]) }
        #expect(try FileSystem.names(in: directory.path) == ["full", "identity"])
    }

    @Test func aFileOverTheLimitIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/big"
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try FileSystem.replaceAtomically(path, with: bytes)
        #expect(try FileSystem.contents(of: path, limit: 200_000) == bytes)
        #expect(throws: FileError(path: path, operation: .read, errno: .fileTooLarge)) {
            try FileSystem.contents(of: path, limit: 199_999)
        }
    }
}

@Suite struct DirectoryLockTests {
    private func held(_ path: String) throws -> Bool {
        do {
            _ = try DirectoryLock(directory: path)
            return false
        } catch {
            #expect(error == .held(by: CurrentProcess.pid))
            return true
        }
    }

    @Test func oneHolderAtATime() throws {
        let directory = try TemporaryDirectory()
        do {
            let lock = try DirectoryLock(directory: directory.path)
            #expect(try held(directory.path))
            #expect(try held(directory.path))
            _ = consume lock
        }
        #expect(try !held(directory.path))
        // The file stays and names who had it.
        let text = try FileSystem.contents(of: directory.path + "/lock", limit: 64)
        #expect(text == Array("\(CurrentProcess.pid)\n".utf8))
    }

    @Test func whoHoldsALockIsToldWithoutTakingIt() throws {
        let directory = try TemporaryDirectory()
        #expect(DirectoryLock.holder(ofDirectory: directory.path) == nil)
        do {
            let lock = try DirectoryLock(directory: directory.path)
            #expect(DirectoryLock.holder(ofDirectory: directory.path) == CurrentProcess.pid)
            _ = consume lock
        }
        // The file still names this process, which lives, and has let go.
        #expect(DirectoryLock.holder(ofDirectory: directory.path) == nil)
        #expect(try !held(directory.path))
    }

    /// The file may name a process that lives and has nothing to do with the directory.
    @Test func onlyWhoHasTheLockFileOpenHoldsTheDirectory() throws {
        let directory = try TemporaryDirectory()
        let stranger = getppid()
        func write(_ pid: Int32) throws {
            let text = Array("\(pid)\n".utf8)
            let file = try File(directory.path + "/lock", .createIfMissing)
            try file.write(text, 0..<text.count, at: 0)
            try file.truncate(to: text.count)
        }
        do {
            let lock = try DirectoryLock(directory: directory.path)
            #expect(DirectoryLock.isHeld(ofDirectory: directory.path, by: CurrentProcess.pid))
            #expect(!DirectoryLock.isHeld(ofDirectory: directory.path, by: stranger))
            try write(stranger)
            #if os(Linux)
                #expect(DirectoryLock.holder(ofDirectory: directory.path) == stranger)
                #expect(!DirectoryLock.isHeld(ofDirectory: directory.path, by: stranger))
            #endif
            try write(CurrentProcess.pid)
            #expect(DirectoryLock.isHeld(ofDirectory: directory.path, by: CurrentProcess.pid))
            _ = consume lock
        }
        #expect(!DirectoryLock.isHeld(ofDirectory: directory.path, by: CurrentProcess.pid))
    }

    @Test func aDirectoryThatIsNotThereCannotBeLocked() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/none"
        let cause = FileError(path: path + "/lock", operation: .open, errno: .noSuchFile)
        #expect(throws: DirectoryLock.Failure.file(cause)) {
            _ = try DirectoryLock(directory: path)
        }
    }
}
