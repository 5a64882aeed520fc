import Posix
import Primitives
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite struct TCPTests {
    @Test(arguments: Poller.Kind.allCases) func bytesGoBothWays(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        #expect(listener.localAddress.port != 0)
        #expect(try listener.accept() == nil)
        let client = try TCPStream.connecting(to: listener.localAddress)
        let server = try loop.accept(listener)
        try loop.untilWritable(client.descriptor)
        try client.connectResult()
        #expect(try server.peer == client.localAddress())
        #expect(client.peer == listener.localAddress)
        var none: [UInt8] = [0]
        #expect(try server.read(into: &none, at: 0) == .wouldBlock)
        try loop.write(Array("hello".utf8), to: client)
        #expect(try loop.read(5, from: server) == Array("hello".utf8))
        try loop.write(Array("world".utf8), to: server)
        #expect(try loop.read(5, from: client) == Array("world".utf8))
        #expect(try server.write([], 0..<0) == .bytes(0))
    }

    @Test(arguments: ["[::1]:0"]) func versionSixToo(_ text: String) throws {
        let address = try socketAddress(text)
        let listener: TCPListener
        do {
            listener = try TCPListener(bindingTo: address)
        } catch {
            // Machines without IPv6 say so, and only so.
            #expect(error == .addressNotAvailable || error.description.contains("family"))
            return
        }
        var loop = try Loop(.best)
        let client = try TCPStream.connecting(to: listener.localAddress)
        let server = try loop.accept(listener)
        #expect(server.peer.host.isLoopback)
        try loop.write([9], to: client)
        #expect(try loop.read(1, from: server) == [9])
    }

    @Test(arguments: Poller.Kind.allCases) func halfACloseIsNotAWhole(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        let client = try TCPStream.connecting(to: listener.localAddress)
        let server = try loop.accept(listener)
        try loop.write([1], to: client)
        try client.shutdownWrite()
        let token = PollToken(slot: 3, generation: 4)
        #expect(try loop.read(2, from: server) == [1])
        try loop.poller.register(server.descriptor, token: token, interest: .readable)
        var event = try #require(loop.next().first)
        #expect(event.token == token && event.readable && !event.hangup)
        #if os(Linux)
            #expect(event.peerEnded)
        #endif
        // Who does not read is not told for ever.
        try loop.poller.modify(server.descriptor, token: token, interest: [])
        #expect(try loop.present().isEmpty)
        // The other half still carries bytes.
        try loop.write([2], to: server)
        #expect(try loop.read(1, from: client) == [2])
        try server.shutdownWrite()
        event = try #require(loop.next().first)
        #expect(event.hangup)
        #expect(try loop.read(1, from: client) == [])
    }

    @Test(arguments: Poller.Kind.allCases) func aResetIsAHangupAndNoSignal(
        _ kind: Poller.Kind
    ) throws {
        var loop = try Loop(kind)
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        let client = try TCPStream.connecting(to: listener.localAddress)
        do {
            // Closed with bytes unread: the kernel resets (RFC 1122 §4.2.2.13).
            let server = try loop.accept(listener)
            try loop.write([1, 2, 3], to: client)
            try loop.untilReadable(server.descriptor)
        }
        try loop.poller.register(
            client.descriptor, token: PollToken(slot: 1, generation: 1), interest: [])
        #expect(try #require(loop.next().first).hangup)
        #expect(throws: Errno.connectionReset) {
            var bytes: [UInt8] = [0]
            _ = try client.read(into: &bytes, at: 0)
        }
        // A SIGPIPE here would end the test's process.
        #expect(throws: Errno.brokenPipe) { _ = try client.write([1], 0..<1) }
    }

    @Test(arguments: Poller.Kind.allCases) func aFullConnectionWouldBlock(
        _ kind: Poller.Kind
    ) throws {
        var loop = try Loop(kind)
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        let client = try TCPStream.connecting(to: listener.localAddress)
        let server = try loop.accept(listener)
        let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var sent = 0
        filling: while true {
            switch try client.write(block, sent % block.count..<block.count) {
            case .bytes(let count): sent += count
            case .wouldBlock: break filling
            }
        }
        let received = try loop.read(sent, from: server)
        #expect(received.count == sent)
        #expect(received.indices.allSatisfy { received[$0] == block[$0 % block.count] })
        try loop.untilWritable(client.descriptor)
    }

    @Test(arguments: Poller.Kind.allCases) func nobodyThereIsRefused(_ kind: Poller.Kind) throws {
        var loop = try Loop(kind)
        // The near end of a connection: its port is taken, and nobody listens there.
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        let dialler = try TCPStream.connecting(to: listener.localAddress)
        let address = try dialler.localAddress()
        #expect(throws: Errno.connectionRefused) {
            let client = try TCPStream.connecting(to: address)
            try loop.untilWritable(client.descriptor)
            try client.connectResult()
        }
    }

    @Test func aPortIsTakenOnce() throws {
        let listener = try TCPListener(bindingTo: .loopback(port: 0))
        let address = listener.localAddress
        #expect(throws: Errno.addressInUse) { _ = try TCPListener(bindingTo: address) }
        #expect(throws: Errno.addressNotAvailable) {
            _ = try TCPListener(bindingTo: socketAddress("192.0.2.1:0"))
        }
    }

    @Test func aPortWithLingeringConnectionsIsBoundAgain() throws {
        var loop = try Loop(.best)
        let address: SocketAddress
        do {
            let listener = try TCPListener(bindingTo: .loopback(port: 0))
            address = listener.localAddress
            let client = try TCPStream.connecting(to: address)
            // This side ends first and is left in TIME-WAIT.
            let server = try loop.accept(listener)
            try server.shutdownWrite()
            #expect(try loop.read(1, from: client) == [])
            try client.shutdownWrite()
            #expect(try loop.read(1, from: server) == [])
        }
        #expect(try bindAsSoonAsFree(address) == address)
    }

    /// A child that another test is just starting has our descriptors, too, until it runs its program.
    private func bindAsSoonAsFree(_ address: SocketAddress) throws -> SocketAddress {
        // TIME-WAIT lasts a minute: this does not outlast it.
        let deadline = MonotonicClock.now() + .milliseconds(10_000)
        while true {
            do throws(Errno) {
                return try TCPListener(bindingTo: address).localAddress
            } catch {
                if error != .addressInUse || MonotonicClock.now() > deadline { throw error }
            }
        }
    }

    /// In a process of its own, since the limit is the whole process's.
    @Test func withoutDescriptorsAConnectionCanBeShed() async {
        await #expect(processExitsWith: .success) { try TCPTests.shedWithoutDescriptors() }
    }

    private static func shedWithoutDescriptors() throws {
        limitOpenFiles(256)
        var loop = try Loop(.best)
        var listener = try TCPListener(bindingTo: .loopback(port: 0))
        let first = try TCPStream.connecting(to: listener.localAddress)
        let second = try TCPStream.connecting(to: listener.localAddress)
        try loop.untilReadable(listener.descriptor)
        // Whatever can be opened is, until nothing can.
        var taken: [Taken] = []
        while let file = try? File("/dev/null", .readOnly) { taken.append(Taken(file)) }
        #expect(taken.count > 50)
        // A bound of none, for this step, since the test library may close a file of its own.
        limitOpenFiles(0)
        #expect(throws: Errno.tooManyOpenFiles) { _ = try listener.accept() }
        limitOpenFiles(256)
        // Asked more than twice, since the library may also be faster in opening one.
        var shed = 0
        for _ in 0..<100 where try listener.shed() { shed += 1 }
        #expect(shed == 2)
        #expect(try loop.read(1, from: first) == [])
        #expect(try loop.read(1, from: second) == [])
        taken = []
        let next = try TCPStream.connecting(to: listener.localAddress)
        #expect(try loop.accept(listener).peer == next.localAddress())
    }

    private final class Taken {
        let file: File

        init(_ file: consuming File) {
            self.file = file
        }
    }
}

/// Sets the bound that counts; the hard one, below which it may go up again, stays.
private func limitOpenFiles(_ count: rlim_t) {
    #if canImport(Glibc)
        let resource = Int32(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    #expect(getrlimit(resource, &limit) == 0)
    limit.rlim_cur = count
    #expect(setrlimit(resource, &limit) == 0)
}
