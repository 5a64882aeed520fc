/// A JSON text as it was written: members in their order, a key as often as it stands there, and
/// numbers as their digits. A decoder would hide just what a config file is checked for: keys
/// that are unknown, and keys that stand there twice.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The value that the bytes spell as a whole (RFC 8259), or nil where they are no JSON in UTF-8.
    public init?(bytes: [UInt8]) {
        guard (try? UTF8Span(validating: bytes.span)) != nil,
            let value = try? JSONParser.parse(bytes)
        else { return nil }
        self = value
    }

    /// What stands under that key of an object, the first where it stands there more than once; nil
    /// where it does not, or where this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text, or nil where this is no string.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number, or nil where this is none, or out of the type's range.
    public func integer<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) -> Integer? {
        guard case .number(let digits) = self else { return nil }
        return Integer(digits)
    }

    /// The kind of value, for "found …".
    var kind: String {
        switch self {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .number(let digits): String(digits.prefix(ConfigurationLimits.shownCharacters))
        case .string(let text): quoted(text)
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A key of an object and what stands under it.
public struct JSONMember: Hashable, Sendable {
    /// The key, without its quotes.
    public let key: String
    /// What stands under it.
    public let value: JSONValue

    /// A member of those parts.
    public init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}
