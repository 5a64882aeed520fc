#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The process that runs this code.
public enum CurrentProcess {
    /// Its number.
    public static var pid: Int32 { getpid() }

    /// The name of the machine that it runs on, as that calls itself; nil where it has none.
    public static var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        // The call keeps to the length that it is told, one less than there is, so a zero remains.
        guard unsafe gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return nil }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether its working directory is still there, so that relative paths mean something.
    public static var hasWorkingDirectory: Bool {
        var path = [CChar](repeating: 0, count: 4096)
        // The call keeps to the length that it is told. A path that is too long is there all the same.
        return unsafe getcwd(&path, path.count) != nil || errno == ERANGE
    }

    /// What its environment holds under that name, nil where nothing does.
    public static func variable(_ name: String) -> String? {
        // The text is copied before anything could change the environment: nothing here does.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// The path of the program that it runs; nil where the system does not tell.
    public static var executablePath: String? {
        var path = [CChar](repeating: 0, count: 4096)
        // Each call keeps to the length that it is told, one less than there is, so a zero remains.
        #if canImport(Darwin)
            var length = UInt32(path.count - 1)
            guard unsafe _NSGetExecutablePath(&path, &length) == 0 else { return nil }
        #else
            guard unsafe readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return nil }
        #endif
        let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Has memory in pieces of at least that many bytes go back to the system as soon as it is free, where
    /// the C library can be told: glibc would raise its bound with the first large piece, and keep them.
    public static func returnMemory(from bytes: Int32) {
        #if canImport(Glibc)
            // The module has no malloc.h, so the function is looked up; where it is not found, or fails,
            // the process only stays larger. It has that type since there is a glibc.
            let threshold: Int32 = -3
            guard let symbol = unsafe dlsym(nil, "mallopt") else { return }
            let mallopt = unsafe unsafeBitCast(
                symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
            _ = mallopt(threshold, bytes)
        #endif
    }

    /// Raises the limit of open files as far as this user may.
    ///
    /// - Returns: How many descriptors the process may have now.
    public static func raiseOpenFileLimit() throws(Errno) -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = Int32(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        // Both calls are lent one rlimit.
        _ = try retrying { unsafe getrlimit(numericCast(resource), &limit) }
        var most = limit.rlim_max
        #if canImport(Darwin)
            // "Unlimited" is what the hard bound says there, and what the call refuses.
            most = min(most, rlim_t(OPEN_MAX))
        #endif
        if limit.rlim_cur < most {
            limit.rlim_cur = most
            _ = try retrying { unsafe setrlimit(numericCast(resource), &limit) }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
