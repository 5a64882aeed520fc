import Posix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The program that the process tests run: the `tally` built beside the test bundle, or the one that
/// the environment variable TALLY_BINARY names, so that a release build can be tested too.
public enum TallyBinary {
    /// Its path.
    public static func path() throws -> String {
        if let named = getenv("TALLY_BINARY") { return String(cString: named) }
        // On Linux the bundle is the running program; elsewhere a runner is told where it lies.
        let starts =
            [CurrentProcess.executablePath].compactMap { $0 }
            + CommandLine.arguments.filter { $0.contains(".xctest") }
        for start in starts {
            var directory = FileSystem.parent(of: start)
            for _ in 0..<4 {
                let candidate = "\(directory)/tally"
                if access(candidate, X_OK) == 0, !isDirectory(candidate) { return candidate }
                directory = FileSystem.parent(of: directory)
            }
        }
        throw HarnessError.noBinary(starts.joined(separator: ", "))
    }

    private static func isDirectory(_ path: String) -> Bool {
        (try? FileSystem.names(in: path)) != nil
    }
}
