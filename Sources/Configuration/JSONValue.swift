/// A JSON text as it was written: members in their order, a key as often as it stands there, and
/// numbers as their digits. A decoder would hide just what a config file is checked for: keys that
/// nobody knows, and keys that stand there twice.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

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
struct JSONMember: Hashable, Sendable {
    let key: String
    let value: JSONValue
}
