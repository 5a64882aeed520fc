import Testing

@testable import Configuration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The reader of JSON: by itself, and beside the decoder of the Swift toolchain.
struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test func `members keep their order and their doubles`() throws {
        #expect(
            try parse(" { \"b\" : 1.50 , \"a\":[ null,true,false,{} ], \"b\":\"x\" } ")
                == .object([
                    JSONMember(key: "b", value: .number("1.50")),
                    JSONMember(
                        key: "a", value: .array([.null, .bool(true), .bool(false), .object([])])),
                    JSONMember(key: "b", value: .string("x")),
                ]))
    }

    @Test func `escapes are resolved`() throws {
        #expect(
            try parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00é\"")
                == .string("\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1F600}é"))
    }

    @Test(arguments: [
        ("\"a", 0, "the string that starts here has no closing quote"),
        ("\"a\n\"", 0, "the string that starts here has no closing quote"),
        ("\"\u{1}\"", 1, "a control character stands in a string; write it as \\u and 4 digits"),
        ("\"\\x\"", 1, "JSON has no such escape; a backslash itself is \\\\"),
        ("\"\\", 1, "the text ends within an escape"),
        ("\"\\u12g4\"", 1, "\\u needs four hexadecimal digits"),
        ("\"\\ud800\"", 1, "this escape is half of a pair that makes one character"),
        ("\"\\ud800\\u0041\"", 1, "this escape is half of a pair that makes one character"),
        ("01", 0, "a number starts with a zero; remove it"),
        ("1.", 2, "the text ends where a digit should come"),
        ("-x", 1, "expected a digit, found \"x\""),
        ("[1,]", 3, "a comma stands before the closing ]; remove it"),
        ("[1}", 2, "expected a comma or ], found }"),
        ("'a'", 0, "expected a value; JSON's strings stand in double quotes"),
        ("nul", 0, "expected a value, found \"n\""),
        ("[é]", 1, "expected a value, found \"é\""),
    ])
    func `faults know their place`(text: String, offset: Int, message: String) {
        #expect(throws: JSONSyntaxFault(offset: offset, message: message)) { try parse(text) }
    }

    /// The twin reads each text as we do, or refuses it as we do. It lets a comma before `}` pass,
    /// which is not JSON (RFC 8259 §4), so that text is missing here.
    @Test(arguments: [
        "{}", "[]", "[1,2]", "[1 2]", "{\"a\":1}", "{a:1}", "[01]", "[-0]", "[1.]",
        "[.5]", "[1e5]", "[1e]", "[+1]", "[--1]", "[\"\\u00g0\"]", "[\"\\ud83d\\ude00\"]", "[nul]",
        "[true]", "[truefalse]", "[\"a\tb\"]", "[1],", "{\"a\"}", "{\"a\":}", "{,}", "[,]", "[[[]]",
        "{\"a\":{\"b\":[1,{\"c\":null}]}}", "[\"\\\"]", "[\"\\/\"]", "[1]//", "[\"\\ud83d\"]",
        "[1e+]",
    ])
    func `the toolchain's decoder agrees`(text: String) {
        let ours = try? parse(text)
        let theirs = try? JSONDecoder().decode(Twin.self, from: Data(text.utf8))
        #expect((ours == nil) == (theirs == nil))
    }

    /// Whatever byte is lost, doubled or replaced: an answer, and never a trap.
    @Test func `damaged files are read to an answer`() {
        let text = Array(ClusterConfiguration.builtIn(nodes: 3).jsonText.utf8)
        for position in text.indices {
            for byte in Array("{}[]\",:\\0-.e\u{0}\n".utf8) + [0xff, 0xc3] {
                var damaged = text
                damaged[position] = byte
                let check = ConfigurationCheck(bytes: damaged)
                #expect((check.configuration == nil) == !check.faults.isEmpty)
            }
            let cut = ConfigurationCheck(bytes: Array(text[..<position]))
            #expect((cut.configuration == nil) || position == text.count - 1)
        }
    }
}

/// Any JSON, decoded to the last value, so that the decoder has to look at everything.
private struct Twin: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys { _ = try object.decode(Twin.self, forKey: key) }
        } else if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { _ = try list.decode(Twin.self) }
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() || (try? value.decode(Bool.self)) != nil { return }
            if (try? value.decode(Double.self)) != nil { return }
            _ = try value.decode(String.self)
        }
    }
}
