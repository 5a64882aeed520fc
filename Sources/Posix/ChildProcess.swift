#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

#if os(Linux)
    internal import CLinux
#endif

/// A program that this process has started.
///
/// Letting go of the value neither ends the child nor forgets it: until `wait` or `poll` has seen its
/// end, the system keeps its number.
public final class ChildProcess {
    /// What a child finds at one of its standard descriptors.
    public enum Stream: Sendable {
        /// What this process has there.
        case inherited
        /// Nothing: reads give the end, writes vanish.
        case null
        /// An open descriptor of this process, which goes on belonging to it.
        case descriptor(Int32)
    }

    /// How a child ended.
    public enum Exit: Hashable, Sendable, CustomStringConvertible {
        /// By itself, with that code.
        case code(Int32)
        /// By that signal.
        case signal(Signal)

        /// `exit 74` or `signal 9`.
        public var description: String {
            switch self {
            case .code(let code): "exit \(code)"
            case .signal(let signal): "signal \(signal.rawValue)"
            }
        }
    }

    /// The child's number.
    public let pid: Int32
    /// How it ended, once that has been seen.
    public private(set) var exit: Exit?

    private init(pid: Int32) {
        self.pid = pid
    }

    /// Starts a program in this session and process group, with this environment.
    ///
    /// It gets the three standard descriptors and no other, no signal blocked, and all of them with
    /// their default effect; only a SIGHUP that is ignored here stays so, as nohup(1) means it.
    ///
    /// - Parameters:
    ///   - executable: The program's path, not looked for elsewhere.
    ///   - arguments: Those after the program's own name.
    /// - Throws: ENOENT, EACCES and the like if there is no such program; EAGAIN without room for one.
    public static func spawn(
        executable: String, arguments: [String], input: Stream = .inherited,
        output: Stream = .inherited, error: Stream = .inherited
    ) throws(Errno) -> ChildProcess {
        closeOnExecForAll()
        // Copies above the standard three: set one after the other, none overwrites another's source.
        let copies = [
            try copy(of: input, standing: 0), try copy(of: output, standing: 1),
            try copy(of: error, standing: 2),
        ]
        defer { for case let copy? in copies { _ = close(copy) } }
        return ChildProcess(pid: try start(executable, [executable] + arguments, copies))
    }

    /// Sends a signal. ESRCH once the child's end has been seen: its number may be another's by then.
    public func send(_ signal: Signal) throws(Errno) {
        guard exit == nil else { throw .noSuchProcess }
        _ = try retrying { kill(pid, signal.rawValue) }
    }

    /// How the child ended, or nil while it runs.
    public func poll() throws(Errno) -> Exit? {
        try reap(WNOHANG)
    }

    /// Sleeps until the child has ended, and tells how.
    public func wait() throws(Errno) -> Exit {
        guard let exit = try reap(0) else { throw .noSuchProcess }
        return exit
    }

    private func reap(_ options: Int32) throws(Errno) -> Exit? {
        if let exit { return exit }
        var status: Int32 = 0
        // The call writes one Int32.
        let ended = try retrying { unsafe waitpid(pid, &status, options) }
        if ended == pid { exit = Exit(status: status) }
        return exit
    }
}

extension ChildProcess.Exit {
    /// From the status of waitpid(2): the signal in the low seven bits, the code in the byte above.
    /// Linux and macOS agree on it, and their macros don't reach Swift.
    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(Signal(rawValue: signal))
    }
}

/// A copy of what the child is to find at that place, or nil for nothing.
private func copy(
    of stream: ChildProcess.Stream, standing place: Int32
) throws(Errno) -> Int32? {
    switch stream {
    case .null:
        return nil
    case .descriptor(let descriptor):
        return try retrying { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
    case .inherited:
        // One that is closed here is nothing there.
        return try? retrying { fcntl(place, F_DUPFD_CLOEXEC, 3) }
    }
}

/// Keeps from children also what this process itself was given without asking, a shell's or a
/// supervisor's open files: a child that outlives us would hold them, and their locks, open.
private func closeOnExecForAll() {
    // On macOS a flag of the start does it.
    #if os(Linux)
        guard let names = try? FileSystem.names(in: "/proc/self/fd") else { return }
        for case let descriptor? in names.map(Int32.init) where descriptor > 2 {
            // One that has been closed in the meantime needs nothing.
            try? setCloseOnExec(descriptor)
        }
    #endif
}

#if canImport(Darwin)
    private typealias SpawnActions = posix_spawn_file_actions_t?
    private typealias SpawnAttributes = posix_spawnattr_t?
#else
    private typealias SpawnActions = posix_spawn_file_actions_t
    private typealias SpawnAttributes = posix_spawnattr_t
#endif

/// posix_spawn(3). The two objects are initialised before use and destroyed after it; the strings and
/// the list that ends with nil live until the call has returned, and the child has copies by then.
private func start(
    _ executable: String, _ arguments: [String], _ standard: [Int32?]
) throws(Errno) -> Int32 {
    #if canImport(Darwin)
        var actions: SpawnActions = nil
        var attributes: SpawnAttributes = nil
        let environment = unsafe _NSGetEnviron().pointee
    #else
        var actions = unsafe SpawnActions()
        var attributes = SpawnAttributes()
        let environment = unsafe linux_environment()
    #endif
    try succeed(unsafe posix_spawn_file_actions_init(&actions))
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    try succeed(unsafe posix_spawnattr_init(&attributes))
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    for (place, source) in standard.enumerated() {
        let place = Int32(place)
        if let source {
            try succeed(unsafe posix_spawn_file_actions_adddup2(&actions, source, place))
        } else {
            try succeed(
                unsafe posix_spawn_file_actions_addopen(&actions, place, "/dev/null", O_RDWR, 0))
        }
    }
    try resetSignals(&attributes)
    var strings: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    defer { unsafe strings.forEach { unsafe free($0) } }
    unsafe strings.append(nil)
    var pid: pid_t = 0
    try succeed(
        unsafe posix_spawn(&pid, executable, &actions, &attributes, strings, environment))
    return pid
}

private func resetSignals(_ attributes: inout SpawnAttributes) throws(Errno) {
    var none = sigset_t()
    var most = sigset_t()
    // Each call changes the one set or object that it is lent.
    unsafe sigemptyset(&none)
    unsafe sigfillset(&most)
    for kept in [SIGKILL, SIGSTOP, SIGHUP] { unsafe sigdelset(&most, kept) }
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    #if canImport(Darwin)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    try succeed(unsafe posix_spawnattr_setsigmask(&attributes, &none))
    try succeed(unsafe posix_spawnattr_setsigdefault(&attributes, &most))
    try succeed(unsafe posix_spawnattr_setflags(&attributes, Int16(flags)))
}

/// These calls return their error instead of leaving it in errno.
private func succeed(_ code: Int32) throws(Errno) {
    if code != 0 { throw Errno(rawValue: code) }
}
