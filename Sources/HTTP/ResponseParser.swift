import Primitives

/// Reads responses on a client's connection, one at a time and bounded (RFC 9112).
///
/// It keeps the bytes that it is given; `expect` says which request the next response answers.
public struct ResponseParser: Sendable {
    private enum Phase: Sendable {
        case statusLine, fields, sizedBody(length: Int), chunkedBody, untilEnd, done
    }

    private let limits: Limits
    private var method: Method
    private var phase = Phase.statusLine
    private var buffer: [UInt8] = []
    private var scanner = LineScanner(at: 0)
    private var budget: FieldBudget
    private var chunks: ChunkedDecoder
    private var response = Response()
    private var contentLength: Int?
    private var isChunked = false

    /// A parser for the answer to a request with that method.
    public init(answering method: Method, limits: Limits = .response) {
        self.method = method
        self.limits = limits
        budget = FieldBudget(limits)
        chunks = ChunkedDecoder(limits)
    }

    /// Makes ready for the next response on the same connection.
    public mutating func expect(answerTo method: Method) {
        buffer.removeFirst(scanner.start)
        scanner = LineScanner(at: 0)
        budget = FieldBudget(limits)
        self.method = method
        beginHead()
    }

    /// How many bytes of the content have come, and how many will be; nil where that is not known.
    public var progress: (received: Int, whole: Int)? {
        guard case .sizedBody(let length) = phase else { return nil }
        return (buffer.count - scanner.start, length)
    }

    /// Takes in more bytes; the response once it is whole, nil before.
    public mutating func receive(
        _ bytes: some Sequence<UInt8>
    ) throws(ResponseFault) -> Response? {
        buffer.append(contentsOf: bytes)
        // A copy of the reference, so that its span does not borrow what is changed here.
        let received = buffer
        do throws(RequestFault) {
            return try advance(received.span) ? response : nil
        } catch {
            switch error {
            case .bodyTooLarge, .headersTooLarge: throw .tooLarge
            default: throw .malformed
            }
        }
    }

    /// The peer has ended the connection: a body without a length is whole now (RFC 9112 §6.3).
    public mutating func connectionEnded() throws(ResponseFault) -> Response {
        switch phase {
        case .done:
            return response
        case .untilEnd:
            response.body = Array(buffer[scanner.start...])
            scanner.skip(response.body.count)
            phase = .done
            return response
        default:
            throw .truncated
        }
    }

    private mutating func beginHead() {
        response = Response()
        contentLength = nil
        isChunked = false
        phase = .statusLine
    }

    private mutating func advance(_ bytes: Span<UInt8>) throws(RequestFault) -> Bool {
        let end = bytes.count
        while true {
            switch phase {
            case .statusLine:
                guard
                    let line = try scanner.next(
                        in: bytes, to: end, limit: limits.startLineBytes, beyond: .headersTooLarge)
                else { return false }
                try readStatusLine(bytes, line)
                phase = .fields
            case .fields:
                guard
                    let line = try scanner.next(
                        in: bytes, to: end, limit: budget.nextLineLimit, beyond: .headersTooLarge)
                else { return false }
                if line.isEmpty {
                    try endHead()
                } else {
                    try budget.spend(line)
                    try readField(bytes, FieldLine(bytes, line: line))
                }
            case .sizedBody(let length):
                guard end - scanner.start >= length else { return false }
                for position in scanner.start..<scanner.start + length {
                    response.body.append(bytes[position])
                }
                scanner.skip(length)
                phase = .done
            case .chunkedBody:
                guard try chunks.decode(bytes, to: end, scanner: &scanner, budget: &budget) else {
                    return false
                }
                response.body = chunks.decoded
                phase = .done
            case .untilEnd:
                guard end - scanner.start <= limits.bodyBytes else { throw .bodyTooLarge }
                return false
            case .done:
                return true
            }
        }
    }

    /// RFC 9112 §4: `HTTP/1.x SP 3DIGIT SP reason`; the reason may be missing.
    private mutating func readStatusLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(RequestFault) {
        let start = line.lowerBound
        guard line.count >= 12, bytes.spells("HTTP/1.", in: start..<start + 7),
            bytes[start + 7].isDigit, bytes[start + 8] == .space,
            line.count == 12 || bytes[start + 12] == .space
        else { throw .malformedRequestLine }
        var status = 0
        for position in start + 9..<start + 12 {
            guard bytes[position].isDigit else { throw .malformedRequestLine }
            status = status * 10 + Int(bytes[position] - 0x30)
        }
        guard (100...599).contains(status) else { throw .malformedRequestLine }
        response.status = status
        response.keepAlive = bytes[start + 7] != UInt8(ascii: "0")
    }

    private mutating func readField(
        _ bytes: Span<UInt8>, _ field: FieldLine
    ) throws(RequestFault) {
        var name: [UInt8] = []
        for position in field.name { name.append(bytes[position].lowercased) }
        var value: [UInt8] = []
        for position in field.value { value.append(bytes[position]) }
        response.fields.append(
            Response.Field(
                name: String(decoding: name, as: UTF8.self),
                value: String(decoding: value, as: UTF8.self)))
        if bytes.spellsAnyCase("content-length", in: field.name) {
            try ContentLength.add(bytes, in: field.value, to: &contentLength)
        } else if bytes.spellsAnyCase("transfer-encoding", in: field.name) {
            guard !isChunked, bytes.spellsAnyCase("chunked", in: field.value) else {
                throw .unsupportedTransferCoding
            }
            isChunked = true
        } else if bytes.spellsAnyCase("connection", in: field.name) {
            var options = ListElements(field.value)
            while let option = options.next(in: bytes) {
                if bytes.spellsAnyCase("close", in: option) { response.keepAlive = false }
            }
        }
    }

    /// How the body ends (RFC 9112 §6.3, in the order of its list).
    private mutating func endHead() throws(RequestFault) {
        if response.status < 200 {
            // RFC 9110 §15.2: interim responses come before the one that counts. They share its
            // budget of fields, so an endless row of them is refused.
            guard response.status != 101, !isChunked, contentLength == nil else {
                throw .invalidTransferCoding
            }
            try budget.spend(0..<0)
            beginHead()
        } else if method == .head || response.status == 204 || response.status == 304 {
            phase = .done
        } else if isChunked {
            guard contentLength == nil else { throw .lengthAndTransferCoding }
            chunks.begin()
            phase = .chunkedBody
        } else if let contentLength {
            guard contentLength <= limits.bodyBytes else { throw .bodyTooLarge }
            phase = .sizedBody(length: contentLength)
        } else {
            response.keepAlive = false
            phase = .untilEnd
        }
    }
}
