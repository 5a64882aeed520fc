import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A signal, by its number on this system.
public struct Signal: Hashable, Sendable {
    /// The number.
    public let rawValue: Int32

    /// The signal of that number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// SIGTERM: please end.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// SIGINT: Control-C.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// SIGHUP: the terminal is gone.
    public static let hangup = Signal(rawValue: SIGHUP)
    /// SIGKILL: the end, at once.
    public static let kill = Signal(rawValue: SIGKILL)
    /// SIGSTOP: stand still.
    public static let stop = Signal(rawValue: SIGSTOP)
    /// SIGCONT: go on.
    public static let resume = Signal(rawValue: SIGCONT)
    /// SIGCHLD: a child has ended.
    public static let childEnded = Signal(rawValue: SIGCHLD)

    /// `SIGTERM` and the like, `signal 12` for one that has no constant here.
    public var name: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangup: "SIGHUP"
        case .kill: "SIGKILL"
        case .stop: "SIGSTOP"
        case .resume: "SIGCONT"
        case .childEnded: "SIGCHLD"
        default: "signal \(rawValue)"
        }
    }
}

/// Whether there is a process of that number, whosever it is.
public func isAlive(_ pid: Int32) -> Bool {
    pid > 0 && (kill(pid, 0) == 0 || errno == EPERM)
}

/// Sends a signal to a process that is no child of this one.
public func send(_ signal: Signal, to pid: Int32) throws(Errno) {
    precondition(pid > 0, "\(pid) names no single process")
    _ = try retrying { kill(pid, signal.rawValue) }
}

/// Makes writing to a pipe without a reader an error (EPIPE) instead of this process's end.
public func ignoreBrokenPipes() {
    // SIG_IGN is no function that could be wrong, but a constant of the system.
    _ = signal(SIGPIPE, SIG_IGN)
}

/// Signals as bytes in a pipe that a poller watches, for the whole process.
///
/// The pipe is made once and stays: a handler may run at any moment, in any thread, and must never
/// meet a descriptor that has been closed, or that means another file by now.
public struct SignalQueue: Sendable {
    /// What the poller watches: readable when a signal has come.
    public let descriptor: Int32

    /// Catches those signals from now on, and ignores SIGPIPE. May be called again, for more of them.
    ///
    /// A SIGHUP that is ignored stays ignored: nohup(1) means it.
    public static func install(
        _ signals: [Signal] = [.terminate, .interrupt, .hangup]
    ) throws(Errno) -> SignalQueue {
        let ends = try pipe.withLock { made throws(Errno) in
            if let made { return made }
            let pipe = try Pipe()
            let kept = KeptPipe(pipe)
            made = kept
            return kept
        }
        signalPipe.store(ends.pipe.writingEnd, ordering: .sequentiallyConsistent)
        ignoreBrokenPipes()
        for caught in signals {
            // The handler captures nothing and calls only what signal-safety(7) allows.
            let before = signal(caught.rawValue, { noteSignal($0) })
            if caught == .hangup, isIgnored(before) { _ = signal(SIGHUP, SIG_IGN) }
        }
        return SignalQueue(descriptor: ends.pipe.readingEnd)
    }

    /// The next signal that came, or nil when there is none.
    public func next() -> Signal? {
        var byte: [UInt8] = [0]
        guard case .bytes = try? ByteStream.read(descriptor, into: &byte, at: 0) else { return nil }
        return Signal(rawValue: Int32(byte[0]))
    }

    private final class KeptPipe: Sendable {
        let pipe: Pipe

        init(_ pipe: consuming Pipe) {
            self.pipe = pipe
        }
    }

    private static let pipe = Mutex<KeptPipe?>(nil)
}

/// Where the handler writes; set before the first handler is installed.
private let signalPipe = Atomic<Int32>(-1)

/// Runs as a signal handler: one write, and errno left as it was found. A full pipe loses nothing that
/// matters: the loop has signals to read already.
private func noteSignal(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    // One byte is lent for the length of the call.
    _ = unsafe write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}

/// Whether that handler is SIG_IGN, which is a number in a pointer's place and can only be compared so.
private func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
