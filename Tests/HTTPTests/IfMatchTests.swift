import Testing

@testable import HTTP

@Suite struct IfMatchTests {
    /// The condition of a request with those field lines; nil where it is malformed or too long.
    private func condition(_ values: String...) throws -> IfMatch? {
        let lines = values.map { "If-Match: \($0)\r\n" }.joined()
        let bytes = Array("POST /set HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
        guard case .request(let request, _) = parse(bytes).1 else {
            Issue.record("\(values) is no request")
            return nil
        }
        return IfMatch(request, in: bytes)
    }

    @Test(arguments: [
        ("\"7\"", [7]), ("\"1\", \"7\"", [1, 7]), (", ,\"7\",,", [7]), ("\"a,b\"\t,\"7\"", [7]),
        ("\"18446744073709551615\",\"0\"", [UInt64.max, 0]),
        // Well formed, and nothing that could ever match.
        ("W/\"7\"", []), ("\"7\", W/\"8\"", [7]), ("\"x\"", []), ("\"07\"", []), ("\"\"", []),
        ("", []), (",", []), ("\"18446744073709551616\"", []),
    ])
    func numbersAreListed(_ value: String, _ numbers: [UInt64]) throws {
        #expect(try condition(value) == .oneOf(numbers))
    }

    @Test func aStarIsAnything() throws { #expect(try condition("*") == .any) }

    @Test(arguments: [
        "7", "\"7", "7\"", "\"7\" \"8\"", "\"7\"x", "w/\"7\"", "W/ \"7\"", "W/7", "W/", "W",
        "*, \"7\"", "\"7\", *", "**", "\"7 8\"", "\"a\tb\"", "'7'",
    ])
    func areMalformed(_ value: String) throws { #expect(try condition(value) == nil) }

    @Test func severalFieldsAreOneList() throws {
        #expect(try condition("\"1\", \"2\"", "W/\"7\"", "", "\"3\"") == .oneOf([1, 2, 3]))
        #expect(try condition("\"7\"", "*") == nil)
        #expect(try condition("*", "*") == nil)
        #expect(try condition("\"7\"", "x") == nil)
    }

    @Test func sixteenTagsAreTheMost() throws {
        func list(_ numbers: ClosedRange<UInt64>) -> String {
            numbers.map { "\"\($0)\"" }.joined(separator: ",")
        }
        #expect(try condition(list(1...16)) == .oneOf(Array(1...16)))
        #expect(try condition(list(1...17)) == nil)
        #expect(try condition(list(1...16), "W/\"17\"") == nil)
        #expect(try condition(list(1...8), list(9...16), ",") == .oneOf(Array(1...16)))
    }
}
