import Configuration
import Posix
import Testing

@testable import Server

@Suite struct ListeningTests {
    private func bind(
        _ found: [SocketAddress], lines: inout [LogLine]
    ) throws -> [Listener] {
        try Listening.bind("http", HostPort("name.example:8001"), at: found) { lines.append($0) }
    }

    private func freePort() throws -> UInt16 {
        try TCPListener(bindingTo: .loopback(port: 0)).localAddress.port
    }

    @Test func everyAddressOfANameIsBound() throws {
        let port = try freePort()
        let found = try ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map {
            try #require(SocketAddress(host: $0, port: port))
        }
        var lines: [LogLine] = []
        let listeners = try bind(found, lines: &lines)
        #expect(listeners.map { $0.socket.localAddress } == found)
        #expect(lines.isEmpty)
    }

    @Test func oneThatIsTakenIsNamed() throws {
        let holder = try TCPListener(bindingTo: .loopback(port: 0))
        let taken = holder.localAddress
        let free = try #require(SocketAddress(host: "127.0.0.2", port: taken.port))
        var lines: [LogLine] = []
        for found in [[free, taken], [taken, free], [taken]] {
            do {
                _ = try bind(found, lines: &lines)
                Issue.record("\(found) was bound")
            } catch let fault as ServerFault {
                #expect(fault.exitCode == 71)
                #expect(fault.description.contains("name.example:8001"))
                #expect(found.count == 1 || fault.description.contains("\(taken)"))
                #expect(fault.description.contains("in use"))
            }
        }
    }

    /// An address of another machine under this node's name: its clients would find nobody.
    @Test func oneThatIsNotOursIsNamed() throws {
        let port = try freePort()
        let foreign = try #require(SocketAddress(host: "192.0.2.1", port: port))
        let own = try #require(SocketAddress(host: "127.0.0.1", port: port))
        var lines: [LogLine] = []
        do {
            _ = try bind([own, foreign], lines: &lines)
            Issue.record("192.0.2.1 was bound")
        } catch let fault as ServerFault {
            #expect(fault.description.contains("192.0.2.1"))
        }
    }

    @Test func aMachineWithoutIPv6MissesNothing() throws {
        let loopback6 = try #require(SocketAddress("[::1]:8001"))
        let other6 = try #require(SocketAddress("[2001:db8::1]:8001"))
        #expect(Listening.isAbsentFamily(.addressFamilyNotSupported, of: loopback6))
        #expect(Listening.isAbsentFamily(.addressFamilyNotSupported, of: other6))
        #expect(Listening.isAbsentFamily(.addressNotAvailable, of: loopback6))
        #expect(!Listening.isAbsentFamily(.addressNotAvailable, of: other6))
        #expect(!Listening.isAbsentFamily(.addressNotAvailable, of: .loopback(port: 8001)))
        #expect(!Listening.isAbsentFamily(.addressInUse, of: loopback6))
    }

    @Test func theGossipsPortIsOnEveryAddressToo() throws {
        let port = try freePort()
        let found = try ["127.0.0.1", "127.0.0.2"].map {
            try #require(SocketAddress(host: $0, port: port))
        }
        var gossip = GossipPort(try #require(Endpoint("name.example:\(port)")))
        var isBound = gossip.isBound
        #expect(!isBound)
        let (missing, skipped) = gossip.bind(to: found)
        #expect(missing == nil && skipped.isEmpty)
        isBound = gossip.isBound
        #expect(isBound)
        let (sockets, listeners) = (gossip.sockets, gossip.listeners)
        #expect(sockets.map { $0.socket.localAddress } == found)
        #expect(listeners.map { $0.socket.localAddress } == found)
        // A second attempt binds nothing twice.
        _ = gossip.bind(to: found)
        var counts = [gossip.sockets.count, gossip.listeners.count]
        #expect(counts == [2, 2])
        // What nobody watches is given back, and can be bound again.
        gossip.giveBackUnwatched()
        counts = [gossip.sockets.count, gossip.listeners.count]
        isBound = gossip.isBound
        #expect(counts == [0, 0] && !isBound)
    }
}
