import Posix
import Primitives
import Testing

@Suite struct UDPTests {
    @Test(arguments: Poller.Kind.allCases) func datagramsGoBothWays(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let one = try UDPSocket(bindingTo: .loopback(port: 0))
        let two = try UDPSocket(bindingTo: .loopback(port: 0))
        #expect(one.localAddress.port != 0 && one.localAddress != two.localAddress)
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(try two.receive(into: &buffer) == nil)
        #expect(try one.send([1, 2, 3], to: two.localAddress))
        #expect(try one.send([], to: two.localAddress))
        try loop.untilReadable(two.descriptor)
        let first = try #require(try two.receive(into: &buffer))
        #expect(first.source == one.localAddress)
        #expect(Array(buffer[..<first.count]) == [1, 2, 3])
        try loop.untilReadable(two.descriptor)
        let second = try #require(try two.receive(into: &buffer))
        #expect(second.count == 0 && second.source == one.localAddress)
        #expect(try two.send([4], to: first.source))
        try loop.untilReadable(one.descriptor)
        #expect(try #require(try one.receive(into: &buffer)).source == two.localAddress)
    }

    @Test func whatIsTooLongIsCutOff() throws {
        var loop = try Loop(.best)
        let one = try UDPSocket(bindingTo: .loopback(port: 0))
        let two = try UDPSocket(bindingTo: .loopback(port: 0))
        var buffer = [UInt8](repeating: 0, count: 9)
        #expect(try one.send([UInt8](repeating: 7, count: 500), to: two.localAddress))
        #expect(try one.send([8], to: two.localAddress))
        try loop.untilReadable(two.descriptor)
        #expect(try #require(try two.receive(into: &buffer)).count == 9)
        try loop.untilReadable(two.descriptor)
        #expect(try #require(try two.receive(into: &buffer)).count == 1)
        #expect(buffer[0] == 8)
        #expect(throws: Errno.self) {
            try one.send([UInt8](repeating: 0, count: 70_000), to: two.localAddress)
        }
    }

    @Test func aTakenPortIsSaid() throws {
        let one = try UDPSocket(bindingTo: .loopback(port: 0))
        #expect(throws: Errno.addressInUse) { _ = try UDPSocket(bindingTo: one.localAddress) }
        // The ports of TCP are others.
        _ = try TCPListener(bindingTo: one.localAddress)
    }

    @Test(arguments: ["[::1]:0", "[::]:0"]) func versionSixToo(_ text: String) throws {
        let address = try socketAddress(text)
        let one: UDPSocket
        do {
            one = try UDPSocket(bindingTo: address)
        } catch {
            // Machines without IPv6 say so, and only so.
            #expect(error == .addressNotAvailable || error.description.contains("family"))
            return
        }
        var loop = try Loop(.best)
        let near = try socketAddress("[::1]:\(one.localAddress.port)")
        let two = try UDPSocket(bindingTo: socketAddress("[::1]:0"))
        #expect(try two.send([5], to: near))
        try loop.untilReadable(one.descriptor)
        var buffer: [UInt8] = [0]
        #expect(try #require(try one.receive(into: &buffer)).source == two.localAddress)

        guard address.host.isUnspecified else { return }
        // One socket for both families: an IPv4 sender has an IPv4 address, and is answered there.
        let old = try UDPSocket(bindingTo: .loopback(port: 0))
        #expect(try old.send([6], to: .loopback(port: one.localAddress.port)))
        try loop.untilReadable(one.descriptor)
        let source = try #require(try one.receive(into: &buffer)).source
        #expect(source == old.localAddress && !source.isVersion6)
        #expect(try one.send([7], to: source))
        try loop.untilReadable(old.descriptor)
        #expect(try #require(try old.receive(into: &buffer)).source.port == one.localAddress.port)
    }
}
