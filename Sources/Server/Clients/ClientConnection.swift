import HTTP
import Posix
import Primitives
import Replica

/// A request that waits for its answer, with what the answer must look like.
struct Exchange {
    /// What kind of page the answer is.
    enum Page {
        case write, read, readiness, snapshot
    }

    var page: Page
    /// Whether the request asks only, and changes nothing (RFC 9110 §9.2.1).
    var isSafe: Bool
    var wantsJSON: Bool
    var isHead: Bool
    /// Whether the connection ends after the answer.
    var closes: Bool
    /// What the client has already, where it asked for the value only if that is another one.
    var condition: IfNoneMatch?
    /// Path and query as they came, of a write that may have to be redirected.
    var target: [UInt8] = []
    /// The answer's bytes, while answers to earlier requests are still missing.
    var rendered: [UInt8]?
}

/// One client's connection.
final class ClientConnection {
    /// Whether the connection goes on.
    enum Phase {
        /// Requests are read.
        case open
        /// What is answered is sent, then this side ends; nothing more is read as a request.
        case closing
        /// This side has ended; what still comes is thrown away until then.
        case lingering(until: Instant)
    }

    let stream: TCPStream
    let token: PollToken
    var parser = RequestParser()
    /// Bytes that came and are not parsed yet.
    var unparsed: [UInt8] = []
    /// What is to be sent.
    var output = SendBuffer(keptCapacity: ServerLimits.inbox)
    /// The requests that wait, oldest first, and the number of the oldest.
    var exchanges = RingBuffer<Exchange>(capacity: 2)
    var firstNumber: UInt64 = 0
    var phase = Phase.open
    var interest: PollInterest = .readable
    var isDirty = false
    /// Whether it is one more than fit: what it asks is answered so, whatever it is.
    let isSurplus: Bool
    /// The host that it was last let through with, where that is not written in the config file.
    var knownHost: [UInt8] = []
    /// Whether a request was taken in whose answer is the last: what lies behind it is no request.
    private var hasTakenLast = false
    /// Whether the request that has begun to arrive waits for an interim answer, and others for theirs
    /// before it.
    private var owesContinue = false
    /// Whether the next request waits until all before it are answered.
    private(set) var isHeld = false
    /// When the connection is looked after next: a request not whole, nothing said, nothing taken.
    var deadline: Instant
    /// Whether a request has begun to arrive.
    var isAmidRequest = false

    init(_ stream: consuming TCPStream, token: PollToken, deadline: Instant, isSurplus: Bool) {
        self.stream = stream
        self.token = token
        self.deadline = deadline
        self.isSurplus = isSurplus
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Whether what comes is read as requests, now or when there is room.
    var takesRequests: Bool { isOpen && !hasTakenLast }

    /// Whether more requests may be taken.
    var hasRoom: Bool {
        takesRequests && !isHeld && exchanges.count < ServerLimits.pipelined
            && output.count < ServerLimits.clientOutput
    }

    /// The name under which the replica knows the next request.
    func nextRequestID() -> RequestID {
        RequestNumber(token: token, number: firstNumber + UInt64(exchanges.count)).id
    }

    /// Where the exchange of that number waits, or nil where it is over.
    func position(of number: RequestNumber) -> Int? {
        let position = Int((number.sequence &- firstNumber) & RequestNumber.sequenceMask)
        return position < exchanges.count ? position : nil
    }

    /// Whether a request must wait for the answers to those before it, and holds it if so: questions
    /// may be worked on together, and so may changes, which keep their order in the log, but a question
    /// sees all changes before it and none behind it (RFC 9112 §9.3.2).
    func holds(isSafe: Bool) -> Bool {
        // All that wait are of one kind, or the last of them would have been held.
        guard let first = exchanges.first, first.isSafe != isSafe else { return false }
        isHeld = true
        return true
    }

    /// Begins to wait for the answer to a request that has come whole.
    func take(_ exchange: Exchange) {
        exchanges.append(exchange)
        hasTakenLast = exchange.closes
        owesContinue = false
    }

    /// Invites the client to send its body (RFC 9110 §10.1.1), behind the answers to all requests that
    /// came before. True where the invitation is in the output now.
    func inviteBody() -> Bool {
        owesContinue = !exchanges.isEmpty
        if !owesContinue { output.append(ResponseEncoder.interimContinue) }
        return !owesContinue
    }

    /// Puts an answer in its place: after the answers to all requests that came before.
    func answer(at position: Int, _ render: (Exchange, inout [UInt8]) -> Void) {
        guard position == 0 else {
            var bytes: [UInt8] = []
            render(exchanges[position], &bytes)
            exchanges[position].rendered = bytes
            return
        }
        render(exchanges[0], &output.bytes)
        finishFirst()
        while let rendered = exchanges.first?.rendered {
            output.append(rendered)
            finishFirst()
        }
    }

    private func finishFirst() {
        firstNumber += 1
        defer { if exchanges.isEmpty { isHeld = false } }
        if let exchange = exchanges.popFirst(), exchange.closes {
            // What was asked after the last answer stays unanswered (RFC 9112 §9.6).
            phase = .closing
            exchanges.removeAll()
        } else if owesContinue && exchanges.isEmpty {
            _ = inviteBody()
        }
    }
}

/// A request's number: the place of its connection, how often that place was used, and the request's
/// place on the connection, in one word.
struct RequestNumber {
    static let sequenceMask: UInt64 = 0xFF_FFFF

    let id: RequestID

    init(_ id: RequestID) { self.id = id }

    init(token: PollToken, number: UInt64) {
        id = RequestID(
            UInt64(token.slot) << 48 | UInt64(token.generation & 0xFF_FFFF) << 24
                | number & RequestNumber.sequenceMask)
    }

    var slot: UInt32 { UInt32(truncatingIfNeeded: id.number >> 48) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: id.number >> 24) & 0xFF_FFFF }
    var sequence: UInt64 { id.number & RequestNumber.sequenceMask }
}
