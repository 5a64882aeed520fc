import Synchronization

/// Work that may block, done beside the loop by a thread of its own, one piece at a time, and seldom
/// enough that each piece has a thread to itself. `WorkerThread` keeps one.
public final class BackgroundTask: Sendable {
    private let running = Atomic<Bool>(false)

    /// No work yet.
    public init() {}

    /// Whether a piece of work is under way.
    public var isRunning: Bool { running.load(ordering: .acquiring) }

    /// Starts a piece of work; nothing may be under way.
    ///
    /// The work is done also where this object is gone before it. Throws where there is no thread to
    /// be had; nothing was done then.
    public func start(_ work: @escaping @Sendable () -> Void) throws(Errno) {
        let wasRunning = running.exchange(true, ordering: .acquiringAndReleasing)
        precondition(!wasRunning, "a second piece of work at once")
        do {
            try startThread { [self] in
                work()
                running.store(false, ordering: .releasing)
            }
        } catch {
            running.store(false, ordering: .releasing)
            throw error
        }
    }
}
