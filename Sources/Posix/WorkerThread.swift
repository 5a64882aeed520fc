import Primitives
import Synchronization

/// A thread of its own that works on one request at a time and wakes a loop when it is done: for what
/// may block at length, such as a sync of the log.
///
/// ```
///        submit            thread takes it         work returns
///  idle ───────▶ requested ───────────────▶ working ───────────▶ completed
///    ▲                                                               │
///    └───────────────────────── takeCompletion ──────────────────────┘
/// ```
///
/// The thread ends by itself when this object goes. Work that is under way then is done to its end,
/// its completion is dropped; a request that the thread has not taken is dropped, too.
///
/// Nothing is allocated for a request: each direction is one write and one read of eight bytes.
public final class WorkerThread<
    Request: ~Copyable & Sendable, Completion: ~Copyable & Sendable
>: Sendable {
    /// What happens to the present request.
    private enum Slot: ~Copyable, Sendable {
        case idle
        case requested(Request)
        case working
        case completed(Completion)
        /// The object is gone, and the thread is to end.
        case abandoned
    }

    /// What the thread keeps, so that it may outlive the object for the length of one request.
    private final class Shared: Sendable {
        let slot = Mutex<Slot>(.idle)
        let requests: EventCounter
        let completions: EventCounter

        init() throws(Errno) {
            requests = try EventCounter(readerWaits: true)
            completions = try EventCounter(readerWaits: false)
        }
    }

    private let shared: Shared

    /// Starts the thread. Fails where there is none to be had, or no descriptors are left.
    ///
    /// - Parameter work: Done for each request, on the thread.
    public init(
        _ work: @escaping @Sendable (consuming Request) -> Completion
    ) throws(Errno) {
        let shared = try Shared()
        self.shared = shared
        try startThread { WorkerThread.run(shared, work) }
    }

    deinit {
        shared.slot.withLock { $0 = .abandoned }
        shared.requests.signal()
    }

    /// What the poller watches: readable when a completion waits.
    public var descriptor: Int32 { shared.completions.descriptor }

    /// Hands over the next request. There must be no other: the completion of the last one has been
    /// taken.
    public func submit(_ request: consuming Request) {
        var request: Request? = consume request
        shared.slot.withLock { slot in
            guard case .idle = slot, let next = request.take() else {
                preconditionFailure("a second request at once")
            }
            slot = .requested(next)
        }
        shared.requests.signal()
    }

    /// Sleeps until there is a completion, that long at most, below a second.
    public func wait(atMost span: Timespan) { shared.completions.wait(atMost: span) }

    /// The completion, if there is one, and silence on the descriptor until there is the next.
    public func takeCompletion() -> Completion? {
        shared.completions.take()
        return shared.slot.withLock { slot in
            switch exchange(&slot, with: .idle) {
            case .completed(let completion): return completion
            case let other:
                slot = other
                return nil
            }
        }
    }

    private static func run(
        _ shared: Shared, _ work: (consuming Request) -> Completion
    ) {
        while true {
            shared.requests.take()
            var request: Request?
            let isOver = shared.slot.withLock { slot in
                switch exchange(&slot, with: .working) {
                case .requested(let next):
                    request = .some(consume next)
                    return false
                case .abandoned: return true
                case let other:
                    slot = other
                    return false
                }
            }
            if isOver { return }
            guard let next = request.take() else { continue }
            var completion: Completion? = work(next)
            shared.slot.withLock { slot in
                if case .working = exchange(&slot, with: .abandoned), let done = completion.take() {
                    slot = .completed(done)
                }
            }
            shared.completions.signal()
        }
    }
}
