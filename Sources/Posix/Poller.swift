import Primitives

/// Sleeps until a descriptor is ready or a moment has come.
///
/// Level-triggered: what is ready and left alone is told again by the next `wait`. A descriptor must
/// be removed before it is closed. One thread uses a poller.
public struct Poller: ~Copyable {
    /// The system call that does the work.
    public enum Kind: Sendable, CaseIterable {
        #if os(Linux)
            /// epoll(7): its cost does not grow with the descriptors that are silent.
            case epoll
        #endif
        /// poll(2): everywhere.
        case poll

        /// The best that this system has.
        public static var best: Kind {
            #if os(Linux)
                .epoll
            #else
                .poll
            #endif
        }
    }

    private enum Backend {
        #if os(Linux)
            case epoll(EpollSet)
        #endif
        case poll(PollSet)
    }

    private let backend: Backend

    /// A poller that watches nothing yet; epoll fails where no descriptors are left.
    public init(kind: Kind = .best) throws(Errno) {
        switch kind {
        #if os(Linux)
            case .epoll: backend = .epoll(try EpollSet())
        #endif
        case .poll: backend = .poll(PollSet())
        }
    }

    /// Watches a descriptor from now on. EEXIST if it is watched already.
    public func register(
        _ descriptor: Int32, token: PollToken, interest: PollInterest
    ) throws(Errno) {
        switch backend {
        #if os(Linux)
            case .epoll(let set): try set.register(descriptor, token: token, interest: interest)
        #endif
        case .poll(let set): try set.register(descriptor, token: token, interest: interest)
        }
    }

    /// Wants to hear something else about a descriptor. ENOENT if it is not watched.
    public func modify(
        _ descriptor: Int32, token: PollToken, interest: PollInterest
    ) throws(Errno) {
        switch backend {
        #if os(Linux)
            case .epoll(let set): try set.modify(descriptor, token: token, interest: interest)
        #endif
        case .poll(let set): try set.modify(descriptor, token: token, interest: interest)
        }
    }

    /// Watches a descriptor no more. ENOENT if it is not watched.
    public func remove(_ descriptor: Int32) throws(Errno) {
        switch backend {
        #if os(Linux)
            case .epoll(let set): try set.remove(descriptor)
        #endif
        case .poll(let set): try set.remove(descriptor)
        }
    }

    /// Sleeps until something is ready, the deadline is reached or a signal comes.
    ///
    /// - Parameters:
    ///   - deadline: On `MonotonicClock`; nil and `never` sleep without end, a moment that has
    ///     passed does not sleep. It is never woken early, and late by up to a millisecond.
    ///   - events: Emptied, then filled; stays empty after a deadline or a signal.
    public func wait(until deadline: Instant?, into events: inout [PollEvent]) throws(Errno) {
        events.removeAll(keepingCapacity: true)
        let milliseconds = Poller.milliseconds(until: deadline)
        do {
            switch backend {
            #if os(Linux)
                case .epoll(let set): try set.wait(milliseconds: milliseconds, into: &events)
            #endif
            case .poll(let set): try set.wait(milliseconds: milliseconds, into: &events)
            }
        } catch {
            if error != .interrupted { throw error }
        }
    }

    /// The system's timeout: −1 for ever, 0 at once, and whole milliseconds rounded up, so that a
    /// loop does not spin through the last one before its deadline.
    private static func milliseconds(until deadline: Instant?) -> Int32 {
        guard let deadline, deadline != .never else { return -1 }
        let left = deadline.since(MonotonicClock.now()).nanoseconds
        let whole = left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1)
        return Int32(clamping: whole)
    }
}
