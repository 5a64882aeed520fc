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

/// The set of watched descriptors kept here and shown to poll(2) at each wait.
final class PollSet {
    /// Two arrays in step: what poll(2) reads and fills, and whose it is.
    private var watched: [pollfd] = []
    private var tokens: [PollToken] = []
    /// Where a descriptor stands in them.
    private var places: [Int32: Int] = [:]

    func register(_ descriptor: Int32, token: PollToken, interest: PollInterest) throws(Errno) {
        guard places[descriptor] == nil else { throw .fileExists }
        // epoll refuses a closed descriptor when it is registered, so this does, too.
        _ = try retrying { fcntl(descriptor, F_GETFD) }
        places[descriptor] = watched.count
        watched.append(
            pollfd(fd: descriptor, events: PollSet.bits(of: interest), revents: 0))
        tokens.append(token)
    }

    func modify(_ descriptor: Int32, token: PollToken, interest: PollInterest) throws(Errno) {
        guard let place = places[descriptor] else { throw .noSuchFile }
        watched[place].events = PollSet.bits(of: interest)
        tokens[place] = token
    }

    func remove(_ descriptor: Int32) throws(Errno) {
        guard let place = places.removeValue(forKey: descriptor) else { throw .noSuchFile }
        let last = watched.removeLast()
        let lastToken = tokens.removeLast()
        if place < watched.count {
            // The last one moves into the gap.
            watched[place] = last
            tokens[place] = lastToken
            places[last.fd] = place
        }
    }

    func wait(milliseconds: Int32, into events: inout [PollEvent]) throws(Errno) {
        let count = nfds_t(watched.count)
        // The kernel is told the length that the array has.
        var left = unsafe poll(&watched, count, milliseconds)
        guard left >= 0 else { throw Errno.current }
        var place = 0
        while left > 0, place < watched.count {
            let bits = watched[place].revents
            if bits != 0 {
                left -= 1
                events.append(PollSet.event(tokens[place], bits))
            }
            place += 1
        }
    }

    private static func event(_ token: PollToken, _ bits: Int16) -> PollEvent {
        PollEvent(
            token: token,
            readable: bits & Int16(POLLIN) != 0,
            writable: bits & Int16(POLLOUT) != 0,
            peerEnded: bits & halfClosed != 0,
            hangup: bits & Int16(POLLHUP | POLLERR | POLLNVAL) != 0)
    }

    private static func bits(of interest: PollInterest) -> Int16 {
        var bits: Int16 = 0
        if interest.contains(.readable) { bits |= Int16(POLLIN) | halfClosed }
        if interest.contains(.writable) { bits |= Int16(POLLOUT) }
        return bits
    }

    private static var halfClosed: Int16 {
        #if os(Linux)
            linux_pollrdhup
        #else
            0
        #endif
    }
}
