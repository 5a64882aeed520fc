import Posix
import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A `tally cluster` of a test cluster's file and data, without a terminal; it is killed with the last
/// reference, and its nodes end with it.
public final class SupervisedRun: Sendable {
    private let child: ChildBox
    private let base: String

    /// Starts it.
    public init(_ cluster: TestCluster) throws {
        base = cluster.root
        let out = try SupervisedRun.file("\(base)/cluster.out")
        let err = try SupervisedRun.file("\(base)/cluster.err")
        child = ChildBox(
            try ChildProcess.spawn(
                executable: try TallyBinary.path(),
                arguments: [
                    "cluster", "--config", cluster.configurationPath, "--data", cluster.data,
                ], input: .null, output: .descriptor(out.rawValue),
                error: .descriptor(err.rawValue)))
        Warden.shared.watch(process: child.process.pid)
    }

    deinit {
        try? child.process.send(.kill)
        _ = try? child.process.wait()
        Warden.shared.forget(process: child.process.pid)
    }

    /// What it has written on standard output so far.
    public var output: String { text("cluster.out") }

    /// What it has written on standard error so far.
    public var error: String { text("cluster.err") }

    /// Asks it to end, and waits for its exit code.
    public func terminate() throws -> Int32 {
        try child.process.send(.terminate)
        let exit = try Waiting.until("the end of tally cluster", within: .milliseconds(20_000)) {
            try child.process.poll()
        }
        guard case .code(let code) = exit else {
            throw HarnessError.unexpected("tally cluster ended by \(exit)")
        }
        return code
    }

    private func text(_ name: String) -> String {
        let bytes = (try? FileSystem.contents(of: "\(base)/\(name)", limit: 1 << 24)) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func file(_ path: String) throws -> FileDescriptor {
        let number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw HarnessError.unexpected("\(path) can't be written") }
        return FileDescriptor(adopting: number)
    }
}

/// The process, for the one test that uses it.
private final class ChildBox: @unchecked Sendable {
    // Used by one test, one call after the other.
    let process: ChildProcess

    init(_ process: ChildProcess) { self.process = process }
}
