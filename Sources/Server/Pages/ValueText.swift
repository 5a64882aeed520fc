import HTTP

/// What a request says about the value, or why it says nothing usable.
enum ValueFinding: Equatable {
    case value(Int64)
    case missing
    case bad(String)
    case unsupportedMediaType
}

/// Finds the one value in a request: `value=N` in the query or a form, `{"value":N}` as JSON, or `N`
/// as plain text. N is `-?[0-9]+` within Int64, given exactly once.
enum ValueText {
    /// The value of a request whose body lies in `body`.
    static func find(
        in request: HTTP.Request, buffer: [UInt8], body: ArraySlice<UInt8>
    ) -> ValueFinding {
        let inQuery = request.query.map { form(buffer[$0]) } ?? .missing
        if body.isEmpty { return inQuery }
        guard let range = request.contentType, !request.hasContentCoding else {
            return .unsupportedMediaType
        }
        let inBody = find(in: body, type: buffer[range])
        if inQuery == .missing || inBody == .unsupportedMediaType { return inBody }
        if inBody == .missing { return inQuery }
        return .bad("The value is given twice, in the query and in the body.")
    }

    private static func find(
        in body: ArraySlice<UInt8>, type: ArraySlice<UInt8>
    ) -> ValueFinding {
        if MediaType.matches(type, "application/x-www-form-urlencoded") { return form(body) }
        if MediaType.matches(type, "application/json") { return json(body) }
        if MediaType.matches(type, "text/plain") { return plain(body) }
        return .unsupportedMediaType
    }

    private static func form(_ form: ArraySlice<UInt8>) -> ValueFinding {
        switch FormDecoder.lookup("value", in: form) {
        case .absent: .missing
        case .one(let text): number(text)
        case .several: .bad("The value is given more than once.")
        case .malformed: .bad("A percent sign in the value lacks its two hexadecimal digits.")
        }
    }

    /// `-?[0-9]+` within Int64, and nothing else.
    static func number(_ text: ArraySlice<UInt8>) -> ValueFinding {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty else { return .bad(notANumber) }
        var value: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                return .bad(notANumber)
            }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let next =
                isNegative
                ? product.subtractingReportingOverflow(digit)
                : product.addingReportingOverflow(digit)
            guard !overflow, !next.overflow else {
                return .bad("The value must lie between -2^63 and 2^63 - 1.")
            }
            value = next.partialValue
        }
        return .value(value)
    }

    /// A number alone. Whoever sends one of the other forms under this type is told which header it needs.
    private static func plain(_ body: ArraySlice<UInt8>) -> ValueFinding {
        let finding = number(body)
        guard finding == .bad(notANumber) else { return finding }
        if trimmed(body).first == UInt8(ascii: "{") {
            return .bad(
                "\(notANumber) To send JSON, send the header Content-Type: application/json.")
        }
        return finding
    }

    static let notANumber =
        "The value must be digits with an optional minus sign before them, nothing else."

    /// An object with the one member `value` (RFC 8259).
    private static func json(_ text: ArraySlice<UInt8>) -> ValueFinding {
        var rest = trimmed(text)
        guard take("{", from: &rest) else { return .bad(notAnObject) }
        if rest.count == 1, rest.first == UInt8(ascii: "}") { return .missing }
        guard take("\"value\"", from: &rest), take(":", from: &rest),
            rest.last == UInt8(ascii: "}")
        else { return closerLook(atJSON: text) }
        let literal = trimmed(rest.dropLast())
        // RFC 8259 §6: a number has no leading zeros.
        let digits = literal.first == UInt8(ascii: "-") ? literal.dropFirst() : literal
        if digits.count > 1 && digits.first == UInt8(ascii: "0") { return .bad(notANumber) }
        let finding = number(literal)
        return finding == .bad(notANumber) ? closerLook(atJSON: text) : finding
    }

    static let notAnObject =
        "The body must be a JSON object of the form {\"value\":N} and nothing else."

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    /// Takes a token and the blanks behind it from the front.
    static func take(_ token: String, from text: inout ArraySlice<UInt8>) -> Bool {
        guard text.starts(with: token.utf8) else { return false }
        text = trimmed(text.dropFirst(token.utf8.count))
        return true
    }
}
