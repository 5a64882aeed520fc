/// Wakes a loop that sleeps in its poller, from any thread.
///
/// Register `descriptor` as readable; when it is, `drain` first and then look what there is to do.
/// In that order no wake-up is lost.
public final class Wakeup: Sendable {
    private let counter: EventCounter

    /// A quiet wake-up; fails where no descriptors are left.
    public init() throws(Errno) {
        counter = try EventCounter(readerWaits: false)
    }

    /// What the poller watches.
    public var descriptor: Int32 { counter.descriptor }

    /// Makes the descriptor readable.
    public func signal() { counter.signal() }

    /// Makes the descriptor quiet again, however often it was signalled.
    public func drain() { counter.take() }
}
