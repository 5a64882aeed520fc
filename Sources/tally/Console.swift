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

    /// Writes the line at once, so that whoever reads a pipe sees it when it happens. A stream that
    /// can't be written to is nothing that a line could tell about, and is passed over.
    func line(_ text: String) {
        write(text + "\n")
    }

    /// Writes the text at once.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
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
                guard errno == EINTR else { return }
            } else {
                written += count
            }
        }
    }
}
