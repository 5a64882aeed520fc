/// One `name: value` line of a header or a trailer (RFC 9112 §5).
struct FieldLine {
    /// The field's name, a token.
    let name: Range<Int>

    /// The field's value without the blanks around it; it may be empty.
    let value: Range<Int>

    /// Takes a line apart; the line is not empty and holds no control byte but tabs.
    init(_ bytes: Span<UInt8>, line: Range<Int>) throws(RequestFault) {
        // RFC 9112 §5.2: a server refuses a folded line; §2.2: or one before the first field.
        guard !bytes[line.lowerBound].isBlank else { throw .foldedField }
        var end = line.lowerBound
        while end < line.upperBound, bytes[end].isTokenByte { end += 1 }
        guard end > line.lowerBound, end < line.upperBound else { throw .malformedField }
        guard bytes[end] == .colon else {
            // RFC 9112 §5.1: blanks before the colon are refused, never taken away.
            let rest = bytes.trimmed(end..<line.upperBound)
            let isColon = !rest.isEmpty && bytes[rest.lowerBound] == .colon
            throw isColon ? .spaceBeforeColon : .malformedField
        }
        name = line.lowerBound..<end
        value = bytes.trimmed(end + 1..<line.upperBound)
    }
}

/// What the field lines of one message may still take.
struct FieldBudget: Sendable {
    private var bytesLeft: Int
    private var fieldsLeft: Int

    init(_ limits: Limits) {
        bytesLeft = limits.headerBytes
        fieldsLeft = limits.headerFields
    }

    /// How long the next line may be, its line end not counted.
    var nextLineLimit: Int { max(0, bytesLeft - 2) }

    /// Counts one whole line.
    mutating func spend(_ line: Range<Int>) throws(RequestFault) {
        // RFC 6585 §5.
        guard fieldsLeft > 0 else { throw .headersTooLarge }
        fieldsLeft -= 1
        bytesLeft -= line.count + 2
    }
}

/// Walks over the elements of a list (RFC 9110 §5.6.1); a separator within quotes separates nothing.
struct ListElements {
    private var position: Int
    private let end: Int
    private let separator: UInt8
    private var isDone = false

    init(_ range: Range<Int>, separator: UInt8 = UInt8(ascii: ",")) {
        position = range.lowerBound
        end = range.upperBound
        self.separator = separator
    }

    /// The next element without the blanks around it, perhaps empty, or nil behind the last.
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard !isDone else { return nil }
        let start = position
        var isQuoted = false
        while position < end {
            let byte = bytes[position]
            if byte == .quote {
                isQuoted.toggle()
            } else if isQuoted && byte == UInt8(ascii: "\\") {
                // RFC 9110 §5.6.4: the byte behind a backslash stands for itself.
                position += 1
            } else if !isQuoted && byte == separator {
                break
            }
            position += 1
        }
        let element = bytes.trimmed(start..<min(position, end))
        isDone = position >= end
        position += 1
        return element
    }
}
