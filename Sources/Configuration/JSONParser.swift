import Primitives

/// Where and why a text is no JSON.
struct JSONSyntaxFault: Error, Hashable {
    /// The offset of the byte that can't stand there.
    let offset: Int

    /// What is wrong and what to do.
    let message: String

    /// The line and the column of the offset, both from 1; a column is a character.
    func place(in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        let newline = UInt8(ascii: "\n")
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let characters = before[lineStart...].count { $0 & 0xc0 != 0x80 }
        return (1 + before.count { $0 == newline }, 1 + characters)
    }
}

/// A strict reader of JSON (RFC 8259) that says where a text goes wrong. The bytes must be UTF-8.
struct JSONParser {
    let bytes: [UInt8]
    var position = 0

    /// The value that the whole text spells.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxFault) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        if parser.position < bytes.count { throw parser.fault("the text goes on after its end") }
        return value
    }

    /// The byte at hand, nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func fault(_ message: String, at offset: Int? = nil) -> JSONSyntaxFault {
        JSONSyntaxFault(offset: offset ?? position, message: message)
    }

    /// Steps over that byte if it is at hand.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    // RFC 8259 §2: these four are the only white space.
    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxFault) -> JSONValue {
        guard depth <= ConfigurationLimits.nesting else {
            throw fault("objects and lists lie too deep in each other here")
        }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"): return .number(try number())
        case let byte? where byte.isDigit: return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected(wanted: "a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxFault) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected(wanted: "a key in quotes") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw unexpected(wanted: "a colon after the key") }
            members.append(JSONMember(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw unexpected(wanted: "a comma or }") }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxFault) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw unexpected(wanted: "a comma or ]") }
        }
    }

    private mutating func literal(
        _ word: String, _ value: JSONValue
    ) throws(JSONSyntaxFault) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else {
            throw unexpected(wanted: "a value")
        }
        position += word.utf8.count
        return value
    }

    // RFC 8259 §6: no leading zero, no plus, a digit on both sides of the point.
    private mutating func number() throws(JSONSyntaxFault) -> String {
        let start = position
        _ = take("-")
        if take("0") {
            if let byte = next, byte.isDigit {
                throw fault("a number starts with a zero; remove it", at: position - 1)
            }
        } else {
            try digits()
        }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxFault) {
        let start = position
        while let byte = next, byte.isDigit { position += 1 }
        if position == start { throw unexpected(wanted: "a digit") }
    }

    /// The fault of what is at hand where something else was wanted, with a hint for the slips that
    /// people make most.
    private func unexpected(wanted: String) -> JSONSyntaxFault {
        guard let byte = next else { return fault("the text ends where \(wanted) should come") }
        switch byte {
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            let character = String(UnicodeScalar(byte))
            if lastBeforeSpace == UInt8(ascii: ",") {
                return fault("a comma stands before the closing \(character); remove it")
            }
            return fault("expected \(wanted), found \(character)")
        case UInt8(ascii: "/"), UInt8(ascii: "#"):
            return fault("expected \(wanted); JSON has no comments")
        case UInt8(ascii: "'"):
            return fault("expected \(wanted); JSON's strings stand in double quotes")
        default:
            let character = String(decoding: bytes[position...].prefix(4), as: UTF8.self).prefix(1)
            return fault("expected \(wanted), found \(quoted(String(character)))")
        }
    }

    private var lastBeforeSpace: UInt8? {
        bytes[..<position].last { $0 > 0x20 }
    }
}
