import Primitives

/// Puts a chunked body together as its bytes arrive (RFC 9112 §7.1).
///
/// ```
///  size ──▶ data ──▶ dataEnd ──▶ size …      size 0 ──▶ trailers ──▶ empty line: whole
/// ```
struct ChunkedDecoder: Sendable {
    private enum Phase: Sendable {
        case size, data(left: Int), dataEnd, trailers
    }

    /// The content so far.
    private(set) var decoded: [UInt8] = []

    private let limits: Limits
    private var phase = Phase.size
    private var framingLeft = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Makes ready for the next body.
    mutating func begin() {
        decoded.removeAll(keepingCapacity: true)
        phase = .size
        framingLeft = limits.chunkFramingBytes
    }

    /// Takes in what is there; true when the body is whole and the scanner stands behind it.
    mutating func decode(
        _ bytes: Span<UInt8>, to end: Int, scanner: inout LineScanner, budget: inout FieldBudget
    ) throws(RequestFault) -> Bool {
        while true {
            switch phase {
            case .size:
                guard
                    let line = try scanner.next(
                        in: bytes, to: end, limit: limits.chunkLineBytes, beyond: .malformedChunk)
                else { return false }
                try open(ChunkLine(bytes, line: line).size, lineBytes: line.count)
            case .data(let left):
                let taken = min(left, end - scanner.start)
                for position in scanner.start..<scanner.start + taken {
                    decoded.append(bytes[position])
                }
                scanner.skip(taken)
                phase = taken == left ? .dataEnd : .data(left: left - taken)
                guard taken == left else { return false }
            case .dataEnd:
                guard try endData(bytes, to: end, scanner: &scanner) else { return false }
            case .trailers:
                guard
                    let line = try scanner.next(
                        in: bytes, to: end, limit: budget.nextLineLimit, beyond: .headersTooLarge)
                else { return false }
                guard !line.isEmpty else { return true }
                try budget.spend(line)
                // §7.1.2: trailers are read for their form and then dropped, never merged.
                _ = try FieldLine(bytes, line: line)
            }
        }
    }

    /// Checks what a chunk's first line costs and promises.
    private mutating func open(_ size: Int, lineBytes: Int) throws(RequestFault) {
        // §7.1.1 asks for a limit on all extensions of a message together.
        let lineEnds = 4
        framingLeft -= lineBytes + lineEnds
        guard framingLeft >= 0, size <= limits.bodyBytes - decoded.count else {
            throw .bodyTooLarge
        }
        phase = size == 0 ? .trailers : .data(left: size)
    }

    /// Takes the CRLF behind a chunk's data.
    private mutating func endData(
        _ bytes: Span<UInt8>, to end: Int, scanner: inout LineScanner
    ) throws(RequestFault) -> Bool {
        guard scanner.start < end else { return false }
        guard bytes[scanner.start] == .carriageReturn else { throw .malformedChunk }
        guard scanner.start + 1 < end else { return false }
        guard bytes[scanner.start + 1] == .lineFeed else { throw .malformedChunk }
        scanner.skip(2)
        phase = .size
        return true
    }
}

/// The line that opens a chunk: its size in hexadecimal and extensions (RFC 9112 §7.1.1).
struct ChunkLine {
    /// The chunk's size in bytes; one that no Int holds is the largest Int.
    let size: Int

    init(_ bytes: Span<UInt8>, line: Range<Int>) throws(RequestFault) {
        var position = line.lowerBound
        var size = 0
        while position < line.upperBound, let digit = bytes[position].hexadecimalValue {
            size = size > Int.max >> 5 ? .max : size << 4 | Int(digit)
            position += 1
        }
        guard position > line.lowerBound else { throw .malformedChunk }
        self.size = size
        while position < line.upperBound {
            position = try ChunkLine.endOfExtension(bytes, in: position..<line.upperBound)
        }
    }

    /// Checks one `; name` or `; name=value` and says where it ends; we know no extension, and an
    /// unknown one is ignored.
    private static func endOfExtension(
        _ bytes: Span<UInt8>, in range: Range<Int>
    ) throws(RequestFault) -> Int {
        let end = range.upperBound
        func skipBlanks(_ start: Int) -> Int {
            var position = start
            while position < end, bytes[position].isBlank { position += 1 }
            return position
        }
        func skipToken(_ start: Int) throws(RequestFault) -> Int {
            var position = start
            while position < end, bytes[position].isTokenByte { position += 1 }
            guard position > start else { throw .malformedChunk }
            return position
        }
        var position = skipBlanks(range.lowerBound)
        guard position < end, bytes[position] == UInt8(ascii: ";") else { throw .malformedChunk }
        position = try skipToken(skipBlanks(position + 1))
        let equals = skipBlanks(position)
        guard equals < end, bytes[equals] == UInt8(ascii: "=") else { return position }
        position = skipBlanks(equals + 1)
        guard position < end, bytes[position] == .quote else { return try skipToken(position) }
        position += 1
        while position < end, bytes[position] != .quote {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < end else { throw .malformedChunk }
        return position + 1
    }
}
