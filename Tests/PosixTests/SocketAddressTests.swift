import Posix
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        "127.0.0.1:8001", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[::]:1",
        "[2001:db8::a:0:0:1]:443",
    ]) func numbersComeBackAsTheyWere(_ text: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == text)
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.description == text)
        #expect(endpoint.numericAddress == address)
    }

    @Test func kindsOfAddresses() throws {
        func address(_ text: String) throws -> SocketAddress { try #require(SocketAddress(text)) }
        #expect(try address("127.9.9.9:1").isLoopback)
        #expect(try address("[::1]:1").isLoopback)
        #expect(try !address("128.0.0.1:1").isLoopback)
        #expect(try !address("[::2]:1").isLoopback)
        #expect(try address("0.0.0.0:1").isUnspecified)
        #expect(try address("[::]:1").isUnspecified)
        #expect(try !address("0.0.0.1:1").isUnspecified)
        #expect(SocketAddress.loopback(port: 5) == (try address("127.0.0.1:5")))
    }

    @Test(arguments: ["n1:80", "a-b.c_d.example:65535", "1a:1", "localhost:0"])
    func namesAreEndpointsButNoAddresses(_ text: String) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.description == text)
        #expect(endpoint.numericAddress == nil)
        #expect(SocketAddress(text) == nil)
    }

    @Test(arguments: [
        "", ":", "80", "host", "host:", ":80", "host:65536", "host:99999", "host:000080", "host:-1",
        "host:+1", "host:8 0", "host: 80", "host :80", "ho st:80", "1.2.3.400:80", "127.1:80",
        "1.2.3.4.5:80", "::1:80", "[::1]", "[::1]80", "[::1:80", "::1]:80", "[]:80",
        "[127.0.0.1]:80",
        "[n1]:80", "[::g]:80", "a..b:80", ".a:80", "a/b:80", "user@host:80", "host:80\n", "hö:80",
        String(repeating: "a", count: 64) + ":80",
        String(repeating: "a.", count: 127) + "b:80",
    ]) func allElseIsRefused(_ text: String) {
        #expect(Endpoint(text) == nil)
        #expect(SocketAddress(text) == nil)
    }
}
