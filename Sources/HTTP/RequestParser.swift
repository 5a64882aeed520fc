/// Reads the requests of one connection from its receive buffer, strictly after RFC 9112.
///
/// ```
///  start ── CRLF? ──▶ requestLine ──▶ fields ──▶ sizedBody ───┐
///    ▲                                   │                    ├──▶ a request
///    │                                   └─────▶ chunkedBody ─┘        │
///    └─────────────────────────────────────────────────────────────────┘
///  any of them ──▶ refused, for good
/// ```
///
/// It is called again with the same unconsumed start and more bytes, and looks at each byte once, so
/// a client that sends drop by drop costs no more than another. A request whose body has a length
/// is parsed without an allocation.
public struct RequestParser: Sendable {
    /// What a call found.
    public enum Progress: Sendable, Equatable {
        /// The request is not whole yet.
        case needsMore

        /// The head is whole, no byte of the body is there, and the client waits for an interim
        /// answer before it sends one (RFC 9110 §10.1.1). Told once a request.
        case needsContinue

        /// A whole request, and how many bytes from the given start it took.
        case request(Request, consumed: Int)

        /// No request; the connection is to be answered and closed. Every later call says the same.
        case refused(RequestFault)
    }

    enum Phase: Sendable {
        case start, requestLine, fields, sizedBody(length: Int), chunkedBody, refused(RequestFault)
    }

    let limits: Limits
    var phase = Phase.start
    var request = Request()
    var framing = Framing()
    private var scanner = LineScanner(at: 0)
    /// Where the request line begins.
    private var lineStart = 0
    private var budget: FieldBudget
    private var chunks: ChunkedDecoder

    /// Whether the request that is being read, or that was refused, is a HEAD as far as it has come:
    /// its answer has no content, whatever its status (RFC 9110 §9.3.2).
    public private(set) var isHead = false

    /// Where the caller's unconsumed bytes began at the last call.
    private var base = 0

    /// A parser for a connection on which nothing has arrived yet.
    public init(limits: Limits = .request) {
        self.limits = limits
        budget = FieldBudget(limits)
        chunks = ChunkedDecoder(limits)
    }

    /// Goes on with the request that begins at `from` in the buffer, whose bytes end at `to`.
    ///
    /// Between two calls the unconsumed bytes may have moved within the buffer, and more may have
    /// come behind them. After `.request` the next call's `from` lies `consumed` bytes further.
    public mutating func parse(_ buffer: [UInt8], from: Int, to: Int) -> Progress {
        precondition(
            0 <= from && from <= to && to <= buffer.count,
            "parsing \(from)..<\(to) of \(buffer.count) bytes")
        move(to: from)
        do throws(RequestFault) {
            let progress = try advance(buffer.span, to: to)
            noteHead(in: buffer.span, to: to)
            return progress
        } catch {
            noteHead(in: buffer.span, to: to)
            phase = .refused(error)
            return .refused(error)
        }
    }

    /// Whether nothing of a request has arrived: an empty line before it is none of it
    /// (RFC 9112 §2.2).
    public var isBetweenRequests: Bool {
        switch phase {
        case .start: true
        case .requestLine: scanner.isAtLineStart
        default: false
        }
    }

    /// The array into which the body's range of a request points: the receive buffer, or the
    /// parser's own bytes where the body came in chunks. It holds until the next call of `parse`.
    public func bodySource(of request: Request, in buffer: [UInt8]) -> [UInt8] {
        request.isBodyDecoded ? chunks.decoded : buffer
    }

    /// The body of the request that was returned last, without a copy.
    public func body(of request: Request, in buffer: [UInt8]) -> ArraySlice<UInt8> {
        bodySource(of: request, in: buffer)[request.body]
    }

    /// Looks at the method of a request line that is not whole, or not right.
    private mutating func noteHead(in bytes: Span<UInt8>, to end: Int) {
        switch phase {
        case .start, .refused: break
        case .requestLine:
            let name = lineStart..<lineStart + 4
            isHead =
                end > name.upperBound && bytes.spells("HEAD", in: name)
                && !bytes[name.upperBound].isTokenByte
        default: isHead = request.method == .head
        }
    }

    private mutating func move(to from: Int) {
        let distance = from - base
        base = from
        guard distance != 0 else { return }
        if case .start = phase { return }
        scanner.move(by: distance)
        lineStart += distance
        request.move(by: distance)
    }

    private mutating func advance(
        _ bytes: Span<UInt8>, to end: Int
    ) throws(RequestFault) -> Progress {
        while true {
            switch phase {
            case .start:
                guard try begin(bytes, to: end) else { return .needsMore }
            case .requestLine:
                guard
                    let line = try scanner.next(
                        in: bytes, to: end, limit: limits.startLineBytes, beyond: .targetTooLong)
                else { return .needsMore }
                try readRequestLine(bytes, line)
                phase = .fields
            case .fields:
                guard try readField(bytes, to: end) else { return .needsMore }
                if framing.takeContinue(), scanner.start == end, hasBody { return .needsContinue }
            case .sizedBody(let length):
                guard end - scanner.start >= length else { return .needsMore }
                request.body = scanner.start..<scanner.start + length
                scanner.skip(length)
                return finish()
            case .chunkedBody:
                guard try chunks.decode(bytes, to: end, scanner: &scanner, budget: &budget) else {
                    return .needsMore
                }
                request.body = 0..<chunks.decoded.count
                request.isBodyDecoded = true
                return finish()
            case .refused(let fault):
                return .refused(fault)
            }
        }
    }

    /// Clears what the last request left and passes over one empty line before the request line,
    /// which some clients send behind a body (RFC 9112 §2.2). False where more bytes are needed.
    private mutating func begin(_ bytes: Span<UInt8>, to end: Int) throws(RequestFault) -> Bool {
        guard base < end else { return false }
        var start = base
        if bytes[start] == .carriageReturn {
            guard start + 1 < end else { return false }
            guard bytes[start + 1] == .lineFeed else { throw .bareCarriageReturn }
            start += 2
        }
        scanner = LineScanner(at: start)
        lineStart = start
        request = Request()
        framing = Framing()
        isHead = false
        budget = FieldBudget(limits)
        phase = .requestLine
        return true
    }

    /// Takes the next field line, or the empty line behind the last. False where more bytes are
    /// needed; true also means that the phase may have changed.
    private mutating func readField(_ bytes: Span<UInt8>, to end: Int) throws(RequestFault) -> Bool
    {
        guard
            let line = try scanner.next(
                in: bytes, to: end, limit: budget.nextLineLimit, beyond: .headersTooLarge)
        else { return false }
        guard line.isEmpty else {
            try budget.spend(line)
            try readField(bytes, FieldLine(bytes, line: line))
            return true
        }
        phase = try bodyPhase()
        if case .chunkedBody = phase { chunks.begin() }
        return true
    }

    private var hasBody: Bool {
        switch phase {
        case .sizedBody(let length): length > 0
        case .chunkedBody: true
        default: false
        }
    }

    private mutating func finish() -> Progress {
        phase = .start
        isHead = false
        return .request(request, consumed: scanner.start - base)
    }
}
