/// One response, as a client received it.
public struct Response: Sendable, Equatable {
    /// One field line.
    public struct Field: Sendable, Equatable {
        /// The name in small letters.
        public let name: String

        /// The value without the blanks around it; bytes that are no UTF-8 are replaced.
        public let value: String
    }

    /// The status code, 200 to 599.
    public internal(set) var status = 0

    /// All fields in the order in which they came.
    public internal(set) var fields: [Field] = []

    /// The content, chunks put together.
    public internal(set) var body: [UInt8] = []

    /// Whether the connection can carry another request.
    public internal(set) var keepAlive = true

    /// The value of the first field of that name, whatever its case.
    public subscript(name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name == name }?.value
    }
}

/// Why a response could not be read; the connection is of no more use.
public enum ResponseFault: Error, Sendable, Equatable {
    /// The bytes are no HTTP/1.1 response.
    case malformed

    /// The response is longer than the limits allow.
    case tooLarge

    /// The connection ended before the response did.
    case truncated
}
