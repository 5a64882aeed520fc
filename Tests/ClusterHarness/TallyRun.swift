import Posix
import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One run of the program from start to end.
public struct TallyRun: Sendable {
    /// Its exit code.
    public let code: Int32
    /// What it wrote on standard output.
    public let output: String
    /// What it wrote on standard error.
    public let error: String

    /// Runs `tally` with those arguments and nothing on standard input.
    ///
    /// - Parameters:
    ///   - arguments: the command and its options.
    ///   - device: where its standard output goes instead of `output`.
    ///   - limit: how long it may take.
    /// - Throws: `timedOut` where it does not end in time; it is killed then.
    public init(
        _ arguments: [String], to device: String? = nil,
        within limit: Timespan = .milliseconds(10_000)
    ) throws {
        try self.init(
            executable: try TallyBinary.path(), arguments, to: device, within: limit)
    }

    /// Runs a script of the shell, which finds the program as `$0` and the arguments as `$1` and so on.
    public init(
        shell script: String, _ arguments: [String],
        within limit: Timespan = .milliseconds(10_000)
    ) throws {
        try self.init(
            executable: "/bin/sh", ["-c", script, try TallyBinary.path()] + arguments, to: nil,
            within: limit)
    }

    private init(
        executable: String, _ arguments: [String], to device: String?, within limit: Timespan
    ) throws {
        let base = "/tmp/tally-run-\(String(Entropy.uint64(), radix: 36))"
        defer { Directories.remove(base) }
        try FileSystem.createDirectory(base)
        let child: ChildProcess
        do {
            let err = try TallyRun.file("\(base)/err")
            let out = try TallyRun.file(device ?? "\(base)/out")
            child = try ChildProcess.spawn(
                executable: executable, arguments: arguments, input: .null,
                output: .descriptor(out.rawValue), error: .descriptor(err.rawValue))
        }
        let exit: ChildProcess.Exit
        do {
            let what = "the end of tally \(arguments.joined(separator: " "))"
            exit = try Waiting.until(what, within: limit) { try child.poll() }
        } catch {
            try child.send(.kill)
            _ = try child.wait()
            throw error
        }
        guard case .code(let code) = exit else {
            throw HarnessError.unexpected("tally ended by \(exit)")
        }
        self.code = code
        output = device == nil ? try TallyRun.text(of: "\(base)/out") : ""
        error = try TallyRun.text(of: "\(base)/err")
    }

    private static func file(_ path: String) throws -> FileDescriptor {
        let number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw HarnessError.unexpected("\(path) can't be written") }
        return FileDescriptor(adopting: number)
    }

    private static func text(of path: String) throws -> String {
        String(decoding: try FileSystem.contents(of: path, limit: 1 << 24), as: UTF8.self)
    }
}
