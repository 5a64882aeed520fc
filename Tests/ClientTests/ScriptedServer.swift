import Configuration
import Primitives
import Synchronization
import Testing

@testable import Posix

/// A server on loopback that does with each connection, in turn, what its script says, and listens no
/// more when the script is at its end.
final class ScriptedServer: Sendable {
    /// What happens to one connection.
    enum Act: Sendable {
        /// The request is read, these bytes are the answer, and the connection ends.
        case answer(String)
        /// The same, but the answer is not given before that time has passed.
        case late(String, after: Timespan)
        /// The request is read and the connection held, without an answer, until the client ends it.
        case silence
        /// The connection is closed before anything is read.
        case hangUp
    }

    let address: Address
    private let seen = Mutex<[String]>([])

    /// A server that has begun to listen; the system chooses the port unless one is given.
    init(_ script: [Act], port: UInt16 = 0) throws {
        let listener = try TCPListener(bindingTo: .loopback(port: port))
        address = .loopback(port: listener.localAddress.port)
        let stage = Stage(listener)
        try startThread { [self] in
            // Where it fails the client sees the end of its connection, and the test what came of it.
            try? stage.play(script) { text in seen.withLock { $0.append(text) } }
        }
    }

    /// The requests that were read so far.
    var requests: [String] { seen.withLock { $0 } }

    var url: String { "http://\(address)" }

    /// An address on which nobody listens.
    static func deserted() throws -> Address {
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        return .loopback(port: listener.localAddress.port)
    }
}

/// The thread's part: connections one after the other.
private final class Stage: @unchecked Sendable {
    // Made by the test, used by the one thread that plays.
    private var listener: TCPListener?

    init(_ listener: consuming TCPListener) {
        self.listener = consume listener
    }

    func play(_ script: [ScriptedServer.Act], _ note: (String) -> Void) throws {
        let poller = try Poller()
        for act in script {
            guard let stream = try accept(poller) else { return }
            try perform(act, on: stream, poller, note)
        }
        listener = nil
    }

    private func accept(_ poller: borrowing Poller) throws -> TCPStream? {
        while let descriptor = listener?.descriptor {
            if let stream = try listener?.accept() { return stream }
            try sleep(poller, until: descriptor)
        }
        return nil
    }

    private func perform(
        _ act: ScriptedServer.Act, on stream: borrowing TCPStream, _ poller: borrowing Poller,
        _ note: (String) -> Void
    ) throws {
        if case .hangUp = act { return }
        var text = ""
        while !Stage.isWhole(text) {
            guard let more = try read(stream, poller) else { return }
            text += more
        }
        note(text)
        switch act {
        case .answer(let answer):
            let bytes = Array(answer.utf8)
            _ = try stream.write(bytes, 0..<bytes.count)
        case .late(let answer, let time):
            let end = MonotonicClock.now() + time
            var events: [PollEvent] = []
            while MonotonicClock.now() < end { try poller.wait(until: end, into: &events) }
            let bytes = Array(answer.utf8)
            _ = try stream.write(bytes, 0..<bytes.count)
        case .silence: while try read(stream, poller) != nil {}
        case .hangUp: break
        }
    }

    private func read(
        _ stream: borrowing TCPStream, _ poller: borrowing Poller
    ) throws -> String? {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            switch try stream.read(into: &buffer, at: 0) {
            case .bytes(let count): return String(decoding: buffer[..<count], as: UTF8.self)
            case .end: return nil
            case .wouldBlock: try sleep(poller, until: stream.descriptor)
            }
        }
    }

    private func sleep(_ poller: borrowing Poller, until descriptor: Int32) throws {
        var events: [PollEvent] = []
        let token = PollToken(slot: 0, generation: 0)
        try poller.register(descriptor, token: token, interest: .readable)
        while events.isEmpty { try poller.wait(until: nil, into: &events) }
        try poller.remove(descriptor)
    }

    /// Whether a head and a body as long as it says are there.
    private static func isWhole(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let end = Array("\r\n\r\n".utf8)
        guard let head = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else {
            return false
        }
        let lines = String(decoding: bytes[..<head], as: UTF8.self).split(
            whereSeparator: \.isNewline)
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        return bytes.count >= head + end.count + (length ?? 0)
    }
}

extension ScriptedServer.Act {
    /// A success with that value.
    static func value(_ value: Int64) -> ScriptedServer.Act {
        page("200 OK", "text/plain", "\(value)\n")
    }

    /// The same, given so late.
    static func value(_ value: Int64, after time: Timespan) -> ScriptedServer.Act {
        .late("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(value)\n", after: time)
    }

    /// A problem with that code, and the detail "so it is".
    static func problem(
        _ status: String, _ code: String, outcome: String = "not-applied"
    ) -> ScriptedServer.Act {
        page(
            status, "application/problem+json",
            #"{"title":"t","detail":"so it is","code":"\#(code)","outcome":"\#(outcome)"}"#)
    }

    /// A node's status, with that index committed.
    static func status(commit: UInt64) -> ScriptedServer.Act {
        page(
            "200 OK", "application/json",
            #"{"node":"n1","role":"leader","term":3,"commit":\#(commit),"applied":9,"value":5}"#)
    }

    /// A node's status.
    static var status: ScriptedServer.Act { status(commit: 10) }

    /// What a node of an earlier version says to an idempotency key.
    static var unsupported: ScriptedServer.Act { problem("501 Not Implemented", "not-supported") }

    /// A redirect to there.
    static func redirect(_ location: String) -> ScriptedServer.Act {
        .answer(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
    }

    /// A whole response.
    static func page(_ status: String, _ type: String, _ body: String) -> ScriptedServer.Act {
        .answer(
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}
