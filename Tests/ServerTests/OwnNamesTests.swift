import Configuration
import HTTP
import Primitives
import Testing

@testable import Server

@Suite struct OwnNamesTests {
    private func names(
        http: String, advertise: String? = nil, raft: String = "10.0.0.5:9001"
    ) throws -> OwnNames {
        try OwnNames(
            NodeConfiguration(
                id: #require(NodeID("n1")),
                addresses: NodeAddresses(http: Address(http), raft: Address(raft)),
                advertise: NodeAddresses(http: advertise.map { try Address($0) })),
            machine: "Box7.lan")
    }

    private func host(_ text: String) throws -> Host {
        try #require(Host(authorityHost: Array(text.utf8)), "\(text) is no host")
    }

    private func page(_ text: String) -> Origin? { Origin(field: Array(text.utf8)[...]) }

    private func authority(_ text: String) -> Origin? { Origin(authority: Array(text.utf8)[...]) }

    @Test func theSpellingOfTheFileIsKnownWithoutALook() throws {
        let names = try names(http: "[2001:db8::5]:8001", advertise: "Tally.Example:80")
        for own in ["tally.example", "TALLY.example", "[2001:DB8::5]", "10.0.0.5"] {
            #expect(names.areSpelled(Array(own.utf8)[...]), "\(own)")
        }
        for other in ["tally.example.", "tally", "2001:db8::5", "[2001:db8:0::5]", ""] {
            #expect(!names.areSpelled(Array(other.utf8)[...]), "\(other)")
        }
    }

    @Test func otherSpellingsOfTheSameHostAreKnown() throws {
        let names = try names(http: "[2001:db8::5]:8001", advertise: "tally.example:80")
        for own in [
            "tally.example.", "[2001:db8:0:0::5]", "[::ffff:10.0.0.5]", "localhost", "LocalHost.",
            "a.localhost", "box7.lan", "BOX7.lan.", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
        ] {
            #expect(try names.include(host(own), reachedAt: nil), "\(own)")
        }
        for other in [
            "evil.example", "tally.example.evil.example", "example", "box7", "lan", "10.0.0.6",
            "localhost.evil",
            "[2001:db8::6]", "0.0.0.0", "[::]",
        ] {
            #expect(try !names.include(host(other), reachedAt: nil), "\(other)")
        }
    }

    /// A listener on all addresses: what the client has reached is one of them, and no other is.
    @Test func theAddressThatWasReachedIsOwn() throws {
        let names = try names(http: "0.0.0.0:8001", advertise: "tally.example:8001")
        let local = try host("192.0.2.7")
        #expect(try names.include(host("192.0.2.7"), reachedAt: local))
        #expect(try names.include(host("[::ffff:192.0.2.7]"), reachedAt: local))
        #expect(try !names.include(host("192.0.2.8"), reachedAt: local))
        #expect(!names.areSpelled(Array("0.0.0.0".utf8)[...]))
    }

    @Test(arguments: ["", "a b", "1.2.3", "1.2.3.4.5", "0x7f.1", "[::1", "::1", "[::g]", "a..b"])
    func noHostIsNone(_ text: String) { #expect(Host(authorityHost: Array(text.utf8)) == nil) }

    @Test func aPageOfTheSameHostAndPortIsOwn() throws {
        let names = try names(http: "0.0.0.0:8001", advertise: "n1.example:8001")
        for (page, asked) in [
            ("http://10.0.0.7:8001", "10.0.0.7:8001"),
            ("http://N1.example:8001", "n1.example.:8001"),
            ("http://localhost", "localhost"), ("http://localhost", "localhost:80"),
            ("http://localhost:80", "localhost"), ("https://tally.example", "tally.example"),
            ("https://tally.example", "tally.example:443"), ("http://[::1]:8001", "[0::1]:8001"),
            // The node's own address, whatever was asked.
            ("http://n1.example:8001", "10.0.0.7:8001"),
        ] {
            let origin = try #require(self.page(page))
            #expect(names.include(origin: origin, of: authority(asked)), "\(page) at \(asked)")
        }
        for (page, asked) in [
            ("http://localhost:3000", "localhost:8001"), ("http://localhost", "localhost:8001"),
            ("http://evil.example", "n1.example:8001"),
            ("http://evil.example:8001", "localhost:8001"),
            ("https://localhost:8001", "localhost"), ("http://n1.example", "10.0.0.7:8001"),
        ] {
            let origin = try #require(self.page(page))
            #expect(!names.include(origin: origin, of: authority(asked)), "\(page) at \(asked)")
        }
        let elsewhere = try #require(page("http://a"))
        #expect(!names.include(origin: elsewhere, of: nil))
    }

    @Test(arguments: [
        "null", "", "localhost:8001", "file://", "chrome-extension://abc", "http://", "http://a b",
        "http://a, http://b", "http://a http://b", "ftp://a",
    ])
    func noOriginIsNone(_ text: String) { #expect(page(text) == nil) }
}
