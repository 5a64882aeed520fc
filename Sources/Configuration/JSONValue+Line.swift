import Primitives

extension JSONValue {
    /// The value as JSON on one line, without white space between its parts and without control
    /// characters, so that it may be printed anywhere.
    public var line: String {
        switch self {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): JSONValue.quotedLine(text)
        case .array(let elements): "[" + elements.map(\.line).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { "\(JSONValue.quotedLine($0.key)):\($0.value.line)" }
                .joined(separator: ",") + "}"
        }
    }

    /// RFC 8259 §7 asks to escape C0 controls alone; terminals obey those of C1, too.
    private static func quotedLine(_ text: String) -> String {
        var line = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5c:
                line += "\\"
                line.unicodeScalars.append(scalar)
            case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029:
                line += "\\u" + scalar.value.padded(to: 4, radix: 16)
            default:
                line.unicodeScalars.append(scalar)
            }
        }
        return line + "\""
    }
}
