import HTTP
import Primitives
import Testing

@Suite struct OriginTests {
    private func page(_ text: String) -> Origin? { Origin(field: Array(text.utf8)) }

    private func asked(_ text: String) throws -> Origin {
        try #require(Origin(authority: Array(text.utf8)))
    }

    @Test(arguments: [
        ("http://10.0.0.7:8001", "10.0.0.7:8001"), ("http://N1.example:1", "n1.example.:1"),
        ("http://localhost", "localhost"), ("http://localhost", "localhost:80"),
        ("http://localhost:80", "localhost"), ("https://a.example", "a.example"),
        ("https://a.example", "a.example:443"), ("http://[::1]:8001", "[0::1]:8001"),
    ])
    func aPageOfTheSameHostAndPort(_ page: String, _ request: String) throws {
        let origin = try #require(self.page(page))
        #expect(try origin.isSameOrigin(asRequested: asked(request)))
    }

    @Test(arguments: [
        ("http://localhost:3000", "localhost:8001"), ("http://localhost", "localhost:8001"),
        ("http://evil.example", "n1.example"), ("https://localhost:8001", "localhost"),
        ("https://localhost", "localhost:80"),
    ])
    func aPageOfAnotherHostOrPort(_ page: String, _ request: String) throws {
        let origin = try #require(self.page(page))
        #expect(try !origin.isSameOrigin(asRequested: asked(request)))
    }

    @Test(arguments: [
        "null", "", "localhost:8001", "file://", "chrome-extension://abc", "http://", "http://a b",
        "http://a, http://b", "http://a http://b", "ftp://a", "http://a~b", "http://1.2.3",
    ])
    func noOrigin(_ text: String) { #expect(page(text) == nil) }
}
