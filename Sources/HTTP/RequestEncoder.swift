/// Writes a client's requests (RFC 9112 §3).
public enum RequestEncoder {
    /// A field of a request.
    public struct Field: Sendable, Equatable {
        let name: String
        let value: String

        /// A field whose name is a token and whose value holds no control byte.
        public init(_ name: String, _ value: String) {
            precondition(
                !name.isEmpty && name.utf8.allSatisfy(\.isTokenByte), "\(name) names no field")
            precondition(
                value.utf8.allSatisfy(\.isFieldText), "the value of \(name) holds a control byte")
            self.name = name
            self.value = value
        }
    }

    /// The bytes of a request.
    ///
    /// - Parameters:
    ///   - url: where to; its host and target are valid since it could be made.
    ///   - body: the content with its Content-Length, or nil for none.
    public static func encode(
        _ method: Method, _ url: HTTPURL, fields: [Field] = [], body: [UInt8]? = nil
    ) -> [UInt8] {
        precondition(method != .other, "a request with a method that has no name")
        var output: [UInt8] = []
        output.append(method.name)
        output.append(.space)
        output.append(contentsOf: url.target.utf8)
        output.append(" HTTP/1.1\r\nHost: ")
        output.append(contentsOf: url.authority.utf8)
        output.append("\r\n")
        for field in fields {
            output.append(contentsOf: field.name.utf8)
            output.append(": ")
            output.append(contentsOf: field.value.utf8)
            output.append("\r\n")
        }
        if let body {
            output.append("Content-Length: ")
            DecimalDigits.append(UInt64(body.count), to: &output)
            output.append("\r\n")
        }
        output.append("\r\n")
        output.append(contentsOf: body ?? [])
        return output
    }
}
