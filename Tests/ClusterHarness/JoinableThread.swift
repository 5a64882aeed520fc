#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread for blocking work, whose end can be waited for.
final class JoinableThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    #if canImport(Darwin)
        // A pointer that names the thread; any thread may wait for it.
        private nonisolated(unsafe) let thread: pthread_t
    #else
        private let thread: pthread_t
    #endif

    init(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        #if canImport(Darwin)
            var made: pthread_t?
            let code = pthread_create(&made, nil, { JoinableThread.enter($0) }, body.toOpaque())
            guard code == 0, let made else { preconditionFailure("no thread: \(code)") }
            thread = made
        #else
            var made = pthread_t()
            let code = pthread_create(&made, nil, { JoinableThread.enter($0!) }, body.toOpaque())
            precondition(code == 0, "no thread: \(code)")
            thread = made
        #endif
    }

    private static func enter(_ body: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }

    /// Waits for its end; to be called once.
    func join() { pthread_join(thread, nil) }
}
