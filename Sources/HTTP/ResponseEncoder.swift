/// Appends responses to a connection's output (RFC 9112 §4 to §6), without a String on the way.
///
/// One encoder serves all connections of a node. A response is begun, gets its own fields, and is
/// finished with its body:
///
/// ```swift
/// encoder.begin(.ok, closing: !request.keepAlive, into: &output)
/// encoder.field("Tally-Index", 7, into: &output)
/// encoder.finish(body, type: "text/plain", isHead: false, into: &output)
/// ```
public struct ResponseEncoder: Sendable {
    /// The fields that every answer has, made once a second: Date, and that no cache may keep the
    /// answer. What is read here may be another value in the next moment (RFC 9111 §5.2.2.5).
    private var commonFields: [UInt8] = []
    private var dateSecond: Int64

    /// The interim answer to `.needsContinue` (RFC 9110 §15.2.1).
    public static let interimContinue = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// An encoder whose Date says that moment, in seconds since the start of 1970.
    public init(secondsSince1970: Int64) {
        dateSecond = secondsSince1970
        formatCommonFields()
    }

    /// Sets the moment of the Date field; cheap where the second is still the same.
    public mutating func setDate(secondsSince1970: Int64) {
        guard secondsSince1970 != dateSecond else { return }
        dateSecond = secondsSince1970
        formatCommonFields()
    }

    private mutating func formatCommonFields() {
        commonFields.removeAll(keepingCapacity: true)
        commonFields.append("Date: ")
        HTTPDate.append(secondsSince1970: dateSecond, to: &commonFields)
        commonFields.append("\r\nCache-Control: no-store\r\n")
    }

    /// Appends the status line, Date, Cache-Control, and `Connection: close` where the connection ends after this
    /// response (RFC 9112 §9.6).
    public func begin(_ status: Status, closing: Bool, into output: inout [UInt8]) {
        if status == .ok {
            output.append("HTTP/1.1 200 OK\r\n")
        } else {
            output.append("HTTP/1.1 ")
            DecimalDigits.append(UInt64(status.rawValue), to: &output)
            output.append(.space)
            output.append(status.reason)
            output.append("\r\n")
        }
        output.append(contentsOf: commonFields)
        if closing { output.append("Connection: close\r\n") }
    }

    /// Appends a field with a number.
    public func field(_ name: StaticString, _ value: UInt64, into output: inout [UInt8]) {
        output.append(name)
        output.append(": ")
        DecimalDigits.append(value, to: &output)
        output.append("\r\n")
    }

    /// Appends a field with a number in quotes, as an entity tag has them (RFC 9110 §8.8.3).
    public func field(_ name: StaticString, quoting value: UInt64, into output: inout [UInt8]) {
        output.append(name)
        output.append(": \"")
        DecimalDigits.append(value, to: &output)
        output.append("\"\r\n")
    }

    /// Appends a field with a value that is known when the program is compiled.
    public func field(_ name: StaticString, _ value: StaticString, into output: inout [UInt8]) {
        output.append(name)
        output.append(": ")
        output.append(value)
        output.append("\r\n")
    }

    /// Appends a field with these bytes. They hold no control byte: what came from outside passes
    /// `isFieldValueSafe` first, or a response could be split in two.
    public func field(_ name: StaticString, _ value: [UInt8], into output: inout [UInt8]) {
        precondition(
            ResponseEncoder.isFieldValueSafe(value), "the value of \(name) holds a control byte")
        output.append(name)
        output.append(": ")
        output.append(contentsOf: value)
        output.append("\r\n")
    }

    /// Appends `Location: http://AUTHORITY` and the target behind it, as
    /// `Request.appendLocalTarget` has it.
    ///
    /// Returns false, and appends nothing, where the authority, which another node told us, is none.
    public func location(
        authority: [UInt8], target: [UInt8], into output: inout [UInt8]
    ) -> Bool {
        guard Authority.isValid(authority) else { return false }
        output.append("Location: http://")
        output.append(contentsOf: authority)
        output.append(contentsOf: target)
        output.append("\r\n")
        return true
    }

    /// Ends the fields and appends the body. The answer to HEAD (`isHead`) says how long the body
    /// would be and leaves it out (RFC 9110 §9.3.2).
    public func finish(
        _ body: [UInt8], type: StaticString, isHead: Bool, into output: inout [UInt8]
    ) {
        output.append("Content-Type: ")
        output.append(type)
        output.append("\r\nContent-Length: ")
        DecimalDigits.append(UInt64(body.count), to: &output)
        output.append("\r\n\r\n")
        if !isHead { output.append(contentsOf: body) }
    }

    /// Ends a response whose status has no content, 204 or 304, and which therefore says nothing of a
    /// length (RFC 9110 §8.6).
    public func finishWithoutContent(into output: inout [UInt8]) {
        output.append("\r\n")
    }

    /// Whether the bytes may stand in a field's value: no control but the tab (RFC 9110 §5.5).
    public static func isFieldValueSafe(_ value: [UInt8]) -> Bool {
        let bytes = value.span
        for position in 0..<bytes.count {
            guard bytes[position].isFieldText else { return false }
        }
        return true
    }
}
