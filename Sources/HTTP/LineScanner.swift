/// Finds the lines of a message's head in a buffer that grows, and looks at every byte once.
///
/// It decides byte by byte, in order, so a message is refused for the same reason however it was
/// cut into packets.
struct LineScanner: Sendable {
    /// Where the line that is being looked for begins.
    private(set) var start: Int

    /// The first byte that was not yet looked at.
    private var cursor: Int

    /// Whether no byte of the next line was looked at.
    var isAtLineStart: Bool { cursor == start }

    init(at position: Int) {
        start = position
        cursor = position
    }

    /// Follows a buffer whose bytes have moved.
    mutating func move(by distance: Int) {
        start += distance
        cursor += distance
    }

    /// Passes over `count` bytes that are no line.
    mutating func skip(_ count: Int) {
        start += count
        cursor = start
    }

    /// The next whole line without its line end, or nil where more bytes are needed.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that the line may have; `beyond` is thrown at the next one.
    mutating func next(
        in bytes: Span<UInt8>, to end: Int, limit: Int, beyond: RequestFault
    ) throws(RequestFault) -> Range<Int>? {
        let bound = start + limit
        var position = cursor
        while position < end {
            let byte = bytes[position]
            if byte.isFieldText {
                guard position < bound else { throw beyond }
                position += 1
                continue
            }
            // RFC 9112 §2.2: a bare CR is invalid; a recipient may take a bare LF for a line end,
            // and this one does not, since two readers that differ here can be played off.
            guard byte == .carriageReturn else {
                throw byte == .lineFeed ? .bareLineFeed : .controlByte
            }
            guard position + 1 < end else { break }
            guard bytes[position + 1] == .lineFeed else { throw .bareCarriageReturn }
            let line = start..<position
            start = position + 2
            cursor = start
            return line
        }
        cursor = position
        return nil
    }
}
