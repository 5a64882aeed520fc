import Posix
import Primitives
import Testing

/// A poller with a patience, for tests that wait for the kernel and never for a fixed time.
struct Loop: ~Copyable {
    let poller: Poller
    var events: [PollEvent] = []

    init(_ kind: Poller.Kind) throws {
        poller = try Poller(kind: kind)
    }

    /// The events of the next wait that gives any; none if nothing happens for ten seconds.
    mutating func next() throws -> [PollEvent] {
        let deadline = MonotonicClock.now() + .milliseconds(10_000)
        repeat {
            try poller.wait(until: deadline, into: &events)
        } while events.isEmpty && MonotonicClock.now() < deadline
        return events
    }

    /// What is so right now, without sleeping.
    mutating func present() throws -> [PollEvent] {
        try poller.wait(until: .origin, into: &events)
        return events
    }

    /// Sleeps until the descriptor, not registered so far, is readable.
    mutating func untilReadable(_ descriptor: Int32) throws {
        try watch(descriptor, for: .readable)
    }

    /// Sleeps until the descriptor, not registered so far, is writable.
    mutating func untilWritable(_ descriptor: Int32) throws {
        try watch(descriptor, for: .writable)
    }

    private mutating func watch(_ descriptor: Int32, for interest: PollInterest) throws {
        let token = PollToken(slot: .max, generation: UInt32(descriptor))
        try poller.register(descriptor, token: token, interest: interest)
        let found = try next()
        try poller.remove(descriptor)
        #expect(found.map(\.token) == [token])
    }

    /// Takes the next connection as soon as there is one.
    mutating func accept(_ listener: borrowing TCPListener) throws -> TCPStream {
        try untilReadable(listener.descriptor)
        guard let stream = try listener.accept() else { throw Errno.wouldBlock }
        return stream
    }

    /// Reads until that many bytes are there or the stream ends.
    mutating func read(_ count: Int, from stream: borrowing TCPStream) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            switch try stream.read(into: &bytes, at: done) {
            case .bytes(let more): done += more
            case .end: return Array(bytes[..<done])
            case .wouldBlock: try untilReadable(stream.descriptor)
            }
        }
        return bytes
    }

    /// Writes everything.
    mutating func write(_ bytes: [UInt8], to stream: borrowing TCPStream) throws {
        var done = 0
        while done < bytes.count {
            switch try stream.write(bytes, done..<bytes.count) {
            case .bytes(let more): done += more
            case .wouldBlock: try untilWritable(stream.descriptor)
            }
        }
    }
}
