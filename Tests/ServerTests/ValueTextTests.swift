import HTTP
import Testing

@testable import Server

/// What people are told whose value was not read.
@Suite struct ValueTextTests {
    private func find(_ type: String, _ body: String) throws -> (ValueFinding, advice: String) {
        let text =
            "POST /set HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        var parser = RequestParser()
        guard case .request(let request, _) = parser.parse(bytes, from: 0, to: bytes.count) else {
            throw Unread()
        }
        let content = parser.body(of: request, in: bytes)
        return (
            ValueText.find(in: request, buffer: bytes, body: content),
            ValueText.advice(on: request, buffer: bytes, body: content)
        )
    }

    private struct Unread: Error {}

    @Test(arguments: [
        (#"{"value":5,"x":null}"#, #"unknown key "x""#),
        (#"{"x":1,"value":5}"#, #"unknown key "x""#),
        (#"{"Value":5}"#, #"unknown key "Value""#), (#"{"value":5,"value":5}"#, "more than once"),
        (#"{"value":5,"value":6}"#, "more than once"), (#"{"value":"5"}"#, "must be digits"),
        (#"{"value":null}"#, "must be digits"), (#"{"value":1e3}"#, "must be digits"),
        (#"{"value":5"#, "must be a JSON object"), ("[5]", "must be a JSON object"),
        (#"{"value":9223372036854775808}"#, "between -2^63"),
    ])
    func jsonThatIsWrongIsToldWhy(_ body: String, _ reason: String) throws {
        guard case .bad(let detail) = try find("application/json", body).0 else {
            Issue.record("\(body) is not refused")
            return
        }
        #expect(detail.contains(reason), "\(detail)")
    }

    @Test(arguments: [#"{"value":5}"#, #" { "value" : 5 } "#, #"{"valu\u0065":5}"#])
    func theSameJSONSpelledOtherwiseIsTaken(_ body: String) throws {
        #expect(try find("application/json", body).0 == .value(5))
    }

    /// What `curl -d` sends says of itself that it is a form.
    @Test func aHeaderThatIsMissingIsNamed() throws {
        let form = "application/x-www-form-urlencoded"
        let (json, advice) = try find(form, #"{"value":5}"#)
        #expect(json == .missing)
        #expect(advice.contains("Content-Type: application/json"))
        let (number, otherAdvice) = try find(form, "5")
        #expect(number == .missing)
        #expect(otherAdvice.contains("Content-Type: text/plain"))
        #expect(try find(form, "other=5").advice.contains("value=N"))
        guard case .bad(let detail) = try find("text/plain", #"{"value":5}"#).0 else {
            Issue.record("JSON was taken for a number")
            return
        }
        #expect(detail.contains("Content-Type: application/json"))
    }
}
