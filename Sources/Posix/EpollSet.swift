#if os(Linux)
    internal import CLinux

    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    /// The set of watched descriptors as the kernel keeps it, epoll(7).
    ///
    /// Safe to use: the room for events belongs to this object, has the length that the kernel is
    /// told, and is read only as far as the kernel says that it wrote. Of an event's union only the
    /// number is ever written or read.
    @safe
    final class EpollSet {
        private let descriptor: FileDescriptor
        private var room: [epoll_event]

        /// How many events one call can give; the rest comes with the next.
        private static let most = 1024

        init() throws(Errno) {
            let number = try retrying { epoll_create1(O_CLOEXEC) }
            descriptor = FileDescriptor(adopting: number)
            unsafe room = [epoll_event](repeating: epoll_event(), count: EpollSet.most)
        }

        func register(
            _ watched: Int32, token: PollToken, interest: PollInterest
        ) throws(Errno) {
            try control(EPOLL_CTL_ADD, watched, token: token, interest: interest)
        }

        func modify(_ watched: Int32, token: PollToken, interest: PollInterest) throws(Errno) {
            try control(EPOLL_CTL_MOD, watched, token: token, interest: interest)
        }

        func remove(_ watched: Int32) throws(Errno) {
            try control(EPOLL_CTL_DEL, watched, token: PollToken(packed: 0), interest: [])
        }

        private func control(
            _ operation: Int32, _ watched: Int32, token: PollToken, interest: PollInterest
        ) throws(Errno) {
            var event = unsafe epoll_event()
            unsafe event.data.u64 = token.packed
            // Half a close is told only to who reads: told to the others it would never end, for
            // they do nothing that makes it stop.
            if interest.contains(.readable) {
                unsafe event.events |= linux_epollin | linux_epollrdhup
            }
            if interest.contains(.writable) { unsafe event.events |= linux_epollout }
            _ = try retrying { unsafe epoll_ctl(descriptor.rawValue, operation, watched, &event) }
        }

        func wait(milliseconds: Int32, into events: inout [PollEvent]) throws(Errno) {
            let set = descriptor.rawValue
            let count = unsafe epoll_wait(set, &room, Int32(EpollSet.most), milliseconds)
            guard count >= 0 else { throw Errno.current }
            for index in 0..<Int(count) {
                let event = unsafe room[index]
                let bits = unsafe event.events
                events.append(
                    PollEvent(
                        token: PollToken(packed: unsafe event.data.u64),
                        readable: bits & linux_epollin != 0,
                        writable: bits & linux_epollout != 0,
                        peerEnded: bits & linux_epollrdhup != 0,
                        hangup: bits & (linux_epollhup | linux_epollerr) != 0))
            }
        }
    }
#endif
