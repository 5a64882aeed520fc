#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a file could not be read or written, in the system's words.
struct FileFault: Error {
    let reason: String

    /// The fault that `errno` names.
    fileprivate static func current() -> FileFault {
        FileFault(reason: unsafe String(cString: strerror(errno)))
    }
}

/// The bytes of the file, of which no more than `limit + 1` are read: enough to see that it is too
/// large.
func readFile(_ path: String, limit: Int) throws(FileFault) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current() }
    defer { close(descriptor) }
    return try readAll(descriptor, limit: limit)
}

/// The bytes of standard input up to its end, of which no more than `limit + 1` are read.
func readStandardInput(limit: Int) throws(FileFault) -> [UInt8] {
    try readAll(STDIN_FILENO, limit: limit)
}

private func readAll(_ descriptor: Int32, limit: Int) throws(FileFault) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
        let wanted = min(chunk.count, limit + 1 - bytes.count)
        let count = unsafe chunk.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress, wanted)
        }
        if count == 0 { break }
        if count > 0 {
            bytes += chunk[..<count]
        } else if errno != EINTR {
            throw .current()
        }
    }
    return bytes
}

/// Writes the file, made where there is none and emptied where there is one.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(FileFault) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .current() }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
            return unsafe write(descriptor, rest.baseAddress, rest.count)
        }
        if count >= 0 {
            written += count
        } else if errno != EINTR {
            throw .current()
        }
    }
}
