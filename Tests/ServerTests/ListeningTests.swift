import Configuration
import Posix
import Primitives
import Testing

@testable import Server

@Suite struct ListeningTests {
    private func bind(
        _ found: [SocketAddress], lines: inout [LogLine]
    ) throws -> [Listener] {
        try Listening.bind("http", Address("name.example:8001"), at: found) { lines.append($0) }
    }

    private func address(_ host: String, _ port: UInt16) -> SocketAddress? {
        Host(authorityHost: Array((host.contains(":") ? "[\(host)]" : host).utf8)).flatMap {
            SocketAddress($0, port: port)
        }
    }

    private func freePort() throws -> UInt16 {
        try TCPListener(bindingTo: .loopback(port: 0)).localAddress.port
    }

    @Test func everyAddressOfANameIsBound() throws {
        let port = try freePort()
        let found = try ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map {
            try #require(self.address($0, port))
        }
        var lines: [LogLine] = []
        let listeners = try bind(found, lines: &lines)
        #expect(listeners.map { $0.socket.localAddress } == found)
        #expect(lines.isEmpty)
    }

    @Test func oneThatIsTakenIsNamed() throws {
        let holder = try TCPListener(bindingTo: .loopback(port: 0))
        let taken = holder.localAddress
        let free = try #require(address("127.0.0.2", taken.port))
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
        let foreign = try #require(address("192.0.2.1", port))
        let own = try #require(address("127.0.0.1", port))
        var lines: [LogLine] = []
        do {
            _ = try bind([own, foreign], lines: &lines)
            Issue.record("192.0.2.1 was bound")
        } catch let fault as ServerFault {
            #expect(fault.description.contains("192.0.2.1"))
        }
    }

    @Test func aMachineWithoutIPv6MissesNothing() throws {
        let loopback6 = try #require(SocketAddress(Address("[::1]:8001")))
        let other6 = try #require(SocketAddress(Address("[2001:db8::1]:8001")))
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
            try #require(self.address($0, port))
        }
        let address = try Address("name.example:\(port)")
        var gossip = GossipPort(address, Watchlist(try Poller()))
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
        gossip.watchSockets()
        counts = [gossip.sockets.count, gossip.listeners.count]
        #expect(counts == [2, 2])
        let areWatched = gossip.sockets.map(\.isWatched)
        #expect(areWatched == [true, true])
    }
}
