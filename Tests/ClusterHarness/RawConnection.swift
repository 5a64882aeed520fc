import HTTP
import Posix
import Primitives

/// A client's TCP connection that says exactly the bytes it is told to, and waits no longer than it
/// may.
public final class RawConnection {
    private let stream: TCPStream
    private let poller: Poller
    private var parser = ResponseParser(answering: .get)
    private var buffer = [UInt8](repeating: 0, count: 64 * 1_024)

    /// Connects.
    ///
    /// - Throws: ECONNREFUSED and its like; `timedOut`.
    public init(to address: SocketAddress, within limit: Timespan = .milliseconds(10_000)) throws {
        let connecting = try TCPStream.connecting(to: address)
        let poller = try Poller(kind: .poll)
        try poller.register(
            connecting.descriptor, token: PollToken(slot: 0, generation: 0), interest: .writable)
        let deadline = MonotonicClock.now() + limit
        var events: [PollEvent] = []
        while events.isEmpty {
            try poller.wait(until: deadline, into: &events)
            if events.isEmpty && MonotonicClock.now() >= deadline {
                throw HarnessError.timedOut("a connection to \(address)")
            }
        }
        try connecting.connectResult()
        stream = consume connecting
        self.poller = consume poller
    }

    /// A whole request with Host, and with Content-Length where there is a body.
    public static func request(
        _ method: Method, _ target: String, headers: [String] = [], body: String? = nil
    ) -> String {
        var lines = ["\(method.name) \(target) HTTP/1.1", "Host: localhost"] + headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Sends all of the text.
    public func send(_ text: String, within limit: Timespan = .milliseconds(10_000)) throws {
        try send(Array(text.utf8), within: limit)
    }

    /// Sends all of the bytes; EPIPE or ECONNRESET where nobody takes them.
    public func send(_ bytes: [UInt8], within limit: Timespan = .milliseconds(10_000)) throws {
        let deadline = MonotonicClock.now() + limit
        var sent = 0
        while sent < bytes.count {
            switch try stream.write(bytes, sent..<bytes.count) {
            case .bytes(let count): sent += count
            case .wouldBlock: try wait(for: .writable, until: deadline, "room to send")
            }
        }
    }

    /// Ends this half: the node reads the end, and can still answer.
    public func finishSending() throws { try stream.shutdownWrite() }

    /// The next response, in the order of the requests.
    ///
    /// - Parameter method: That of the request: an answer to HEAD has no body.
    public func readResponse(
        to method: Method = .get, within limit: Timespan = .milliseconds(10_000)
    ) throws -> Response {
        let deadline = MonotonicClock.now() + limit
        parser.expect(answerTo: method)
        var fresh: ArraySlice<UInt8> = []
        while true {
            if let response = try parser.receive(fresh) { return response }
            guard let count = try readSome(until: deadline, "an answer") else {
                return try parser.connectionEnded()
            }
            fresh = buffer[..<count]
        }
    }

    /// Exactly that many bytes as they come, before any response was read.
    public func readBytes(
        _ count: Int, within limit: Timespan = .milliseconds(10_000)
    ) throws -> [UInt8] {
        let deadline = MonotonicClock.now() + limit
        var bytes: [UInt8] = []
        var single: [UInt8] = [0]
        while bytes.count < count {
            switch try stream.read(into: &single, at: 0) {
            case .bytes: bytes += single
            case .end: throw HarnessError.connectionEnded("\(count) bytes had come")
            case .wouldBlock: try wait(for: .readable, until: deadline, "\(count) bytes")
            }
        }
        return bytes
    }

    /// All bytes that come before the node ends its half, those already given as responses excepted.
    public func readUntilEnd(within limit: Timespan = .milliseconds(10_000)) throws -> [UInt8] {
        let deadline = MonotonicClock.now() + limit
        var bytes: [UInt8] = []
        while let count = try readSome(until: deadline, "the end of the connection") {
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Whether the node ends the connection within that time, saying nothing more.
    public func isEnded(within limit: Timespan = .milliseconds(10_000)) -> Bool {
        let deadline = MonotonicClock.now() + limit
        do {
            return try readSome(until: deadline, "the end of the connection") == nil
        } catch {
            // A reset is an end as well; having waited in vain is none.
            return error is Errno
        }
    }

    private func readSome(until deadline: Instant, _ what: String) throws -> Int? {
        while true {
            switch try stream.read(into: &buffer, at: 0) {
            case .bytes(let count): return count
            case .end: return nil
            case .wouldBlock: try wait(for: .readable, until: deadline, what)
            }
        }
    }

    private func wait(
        for interest: PollInterest, until deadline: Instant, _ what: String
    ) throws {
        guard MonotonicClock.now() < deadline else { throw HarnessError.timedOut(what) }
        try poller.modify(
            stream.descriptor, token: PollToken(slot: 0, generation: 0), interest: interest)
        var events: [PollEvent] = []
        try poller.wait(until: deadline, into: &events)
    }
}
