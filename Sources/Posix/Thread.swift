#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Starts a thread that ends by itself and gets no signals: those belong to the others.
///
/// The closure is kept alive by one retain, which the new thread takes over; if there is no new thread
/// it is given back here.
public func startThread(_ body: @escaping @Sendable () -> Void) throws(Errno) {
    let work = unsafe Unmanaged.passRetained(ThreadBody(body))
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    #if canImport(Darwin)
        var thread: pthread_t?
        let code = unsafe pthread_create(&thread, nil, { unsafe runThread($0) }, work.toOpaque())
        let started = thread
    #else
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, { unsafe runThread($0!) }, work.toOpaque())
        let started: pthread_t? = thread
    #endif
    guard code == 0, let started else {
        unsafe work.release()
        throw Errno(rawValue: code)
    }
    pthread_detach(started)
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
