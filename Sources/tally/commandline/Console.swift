import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two streams of a command: results go to one, everything else to the other.
enum Console: Int32 {
    /// Standard output.
    case results = 1
    /// Standard error.
    case faults = 2

    /// Whether a result was asked for and could not be written.
    private static let hasLostResults = Atomic<Bool>(false)

    /// How the program ends after a command that ended so: a result that could not be written is not fine.
    static func ending(_ code: ExitCode) -> ExitCode {
        guard code == .fine, hasLostResults.load(ordering: .relaxed) else { return code }
        faults.line("tally: can't write to standard output; what was asked for is done")
        return .diskError
    }

    /// Writes the line at once, so that whoever reads a pipe sees it when it happens.
    func line(_ text: String) {
        write(text + "\n")
    }

    /// Writes the text at once.
    func write(_ text: String) { write(bytes: Array(text.utf8)) }

    /// Writes the bytes at once.
    func write(bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                #if canImport(Glibc)
                    return unsafe Glibc.write(rawValue, rest.baseAddress, rest.count)
                #else
                    return unsafe Darwin.write(rawValue, rest.baseAddress, rest.count)
                #endif
            }
            if count < 0 {
                guard errno == EINTR else {
                    if self == .results { Console.hasLostResults.store(true, ordering: .relaxed) }
                    return
                }
            } else {
                written += count
            }
        }
    }
}
