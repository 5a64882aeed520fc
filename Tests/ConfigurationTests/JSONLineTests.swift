import Configuration
import Testing

/// JSON read and written again on one line.
struct JSONLineTests {
    @Test(arguments: [
        ("null", "null"), (" [ 1 , -2.50e1, true ]\n", "[1,-2.50e1,true]"),
        ("{ \"a\" : { }, \"b\": [\n] }", "{\"a\":{},\"b\":[]}"),
        (#""\u001b\n\"\\é\u0085\u2028""#, #""\u001b\u000a\"\\é\u0085\u2028""#),
        ("18446744073709551616", "18446744073709551616"),
    ])
    func `the line means the same`(text: String, line: String) throws {
        let value = try #require(JSONValue(bytes: Array(text.utf8)))
        #expect(value.line == line)
        #expect(JSONValue(bytes: Array(line.utf8)) == value)
    }

    @Test func `members are found by key, and have types`() throws {
        let value = try #require(
            JSONValue(bytes: Array(#"{"n":-5,"s":"t","n":6,"big":9223372036854775808}"#.utf8)))
        #expect(value["n"]?.integer(Int64.self) == -5)
        #expect(value["n"]?.integer(UInt64.self) == nil)
        #expect(value["big"]?.integer(Int64.self) == nil)
        #expect(value["big"]?.integer(UInt64.self) == 9_223_372_036_854_775_808)
        #expect(value["s"]?.text == "t")
        #expect(value["s"]?.integer(Int.self) == nil)
        #expect(value["s"]?["t"] == nil)
        #expect(value["none"] == nil)
    }

    @Test func `what is no JSON is nil`() {
        for bytes: [UInt8] in [[], Array("{".utf8), Array("1 2".utf8), [0x22, 0xFF, 0x22]] {
            #expect(JSONValue(bytes: bytes) == nil)
        }
    }
}
