import Testing

@testable import HTTP

@Suite struct IfNoneMatchTests {
    /// The condition of a request with those field lines; nil where it is malformed.
    private func condition(_ values: String...) throws -> IfNoneMatch? {
        let lines = values.map { "If-None-Match: \($0)\r\n" }.joined()
        let bytes = Array("GET /get HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
        guard case .request(let request, _) = parse(bytes).1 else {
            Issue.record("\(values) is no request")
            return nil
        }
        return IfNoneMatch(request, in: bytes)
    }

    @Test(arguments: [
        "\"7\"", "W/\"7\"", "\"1\", \"7\"", "\"7\",\"8\"", "\"1\" ,\tW/\"7\" , \"x\"", ", ,\"7\",,",
        "\"a,b\", \"7\"", "\"a\\\", \"7\"", "\"\", \"7\"", "\"18446744073709551616\",\"7\"", "*",
    ])
    func match(_ value: String) throws {
        #expect(try condition(value)?.matches(7) == true)
    }

    @Test(arguments: [
        "\"8\"", "\"07\"", "\"7,\"", "\"a7\"", "\"+7\"", "\"\"", "", ",", "\"17\", \"70\"",
        "\"a,7\"", "\"W/7\"", "\"18446744073709551623\"",
    ])
    func doNotMatch(_ value: String) throws {
        let condition = try #require(try condition(value))
        #expect(!condition.matches(7))
    }

    @Test(arguments: [
        "7", "\"7", "7\"", "\"7\" \"8\"", "\"7\"x", "w/\"7\"", "W/ \"7\"", "W/7", "W/", "W",
        "*, \"7\"", "\"7\", *", "**", "\"7 8\"", "\"a\tb\"", "'7'",
    ])
    func areMalformed(_ value: String) throws { #expect(try condition(value) == nil) }

    @Test func severalFieldsAreOneList() throws {
        let both = try #require(try condition("\"1\", \"2\"", "W/\"7\"", ""))
        #expect([1, 2, 7].allSatisfy(both.matches))
        #expect(!both.matches(3))
        #expect(try condition("\"7\"", "*") == nil)
        #expect(try condition("*", "*") == nil)
        #expect(try condition("\"7\"", "x") == nil)
    }

    @Test func zeroAndTheLargestNumber() throws {
        let condition = try #require(try condition("\"0\", \"18446744073709551615\""))
        #expect(condition.matches(0) && condition.matches(.max))
        #expect(!condition.matches(1))
    }
}
