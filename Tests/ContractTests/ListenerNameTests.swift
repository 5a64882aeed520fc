import ClusterHarness
import Posix
import Primitives
import Testing

/// A listener's name has several addresses on most machines, and a client takes any of them.
@Suite struct ListenerNameTests {
    @Test func allItsAddressesAreBound() throws {
        let resolver = try NameResolver()
        let poller = try Poller(kind: .poll)
        try poller.register(
            resolver.descriptor, token: PollToken(slot: 0, generation: 0), interest: .readable)
        let name = try Address("localhost:80")
        _ = resolver.lookUp(name, ticket: 1)
        var addresses: [SocketAddress] = []
        try Waiting.until("the name's addresses") {
            for answer in resolver.collect() { addresses = try answer.result.get() }
            return !addresses.isEmpty
        }
        let cluster = try TestCluster(nodes: 1, timing: calmTiming, hostName: "localhost")
        let node = cluster.ids[0]
        try cluster.startAllAndSettle()
        for address in addresses {
            // One of a kind that this machine does not have was passed over.
            guard (try? TCPListener(bindingTo: address.with(port: 0))) != nil else {
                continue
            }
            for port in [
                cluster.http(node).port, try cluster.raft(node).port, try cluster.gossip(node).port,
            ] {
                _ = try RawConnection(to: address.with(port: port))
            }
            let connection = try RawConnection(
                to: address.with(port: cluster.http(node).port))
            try connection.send(RawConnection.request(.get, "/livez"))
            #expect(try connection.readResponse().status == 200)
        }
    }

    /// The reason is the name, not the address that it does not have.
    @Test func aNameThatIsUnknownIsSaidToBe() throws {
        let cluster = try TestCluster(
            nodes: 1, timing: calmTiming, hostName: "no-such-host.invalid")
        let node = cluster.ids[0]
        try cluster.start(node)
        #expect(try cluster.waitForExit(node, within: .milliseconds(30_000)) == 71)
        let error = cluster.standardError(of: node)
        #expect(error.contains("the name no-such-host.invalid can't be looked up"), "\(error)")
    }
}
