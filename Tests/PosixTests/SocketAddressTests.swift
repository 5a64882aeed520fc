import Posix
import Primitives
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        "127.0.0.1:8001", "0.0.0.0:1", "255.255.255.255:65535", "[::1]:80", "[::]:1",
        "[2001:db8::a:0:0:1]:443", "[::ffff:1.2.3.4]:9",
    ]) func numbersComeBackAsTheyWere(_ text: String) throws {
        let address = try Address(text)
        let socket = try #require(SocketAddress(address))
        #expect(socket.address == address && socket.description == text)
        #expect(SocketAddress(socket.host, port: socket.port) == socket)
    }

    @Test func aNameMustBeLookedUp() throws {
        #expect(SocketAddress(try Address("localhost:1")) == nil)
        #expect(SocketAddress(.name("localhost"), port: 0) == nil)
    }

    @Test func thePortMayBeLeftToTheSystem() throws {
        let any = SocketAddress.loopback(port: 0)
        #expect(any.address == nil && any.description == "127.0.0.1:0")
        #expect(any.with(port: 5).address == .loopback(port: 5))
        #expect(SocketAddress(any.host, port: 0) == any)
    }
}

/// That text as a socket has it; port 0 asks for any.
func socketAddress(_ text: String) throws -> SocketAddress {
    let parts = text.split(separator: ":")
    let port = try #require(parts.last.flatMap { UInt16($0) })
    let host = try Address(text.dropLast(parts.last?.count ?? 0) + "1").host
    return try #require(SocketAddress(host, port: port))
}
