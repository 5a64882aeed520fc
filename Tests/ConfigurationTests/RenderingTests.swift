import Configuration
import Primitives
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Built-in clusters, and files that a configuration writes.
struct RenderingTests {
    @Test func `the built-in cluster is the example, byte for byte`() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let example = Array(try Data(contentsOf: package.appending(path: "cluster.example.json")))
        let check = ConfigurationCheck(bytes: example)
        #expect(check.faults.isEmpty)
        #expect(check.warnings.isEmpty)
        #expect(check.configuration == .builtIn(nodes: 3))
        #expect(Array(ClusterConfiguration.builtIn(nodes: 3).jsonText.utf8) == example)
    }

    @Test func `the other built-in cluster has five nodes`() throws {
        let cluster = ClusterConfiguration.builtIn(nodes: 5)
        #expect(cluster.cluster == "example-5")
        #expect(cluster.foundingVoters.map(\.description) == ["n1", "n2", "n3", "n4", "n5"])
        let last = try #require(cluster.nodes.last)
        #expect(
            last.addresses
                == NodeAddresses(
                    http: try Address("127.0.0.1:8005"), raft: try Address("127.0.0.1:9005"),
                    gossip: try Address("127.0.0.1:7005")))
        #expect(ConfigurationCheck(bytes: Array(cluster.jsonText.utf8)).configuration == cluster)
    }

    @Test func `what a configuration writes says the same when read`() throws {
        let id = try ["a", "B.2"].map { try #require(NodeID($0)) }
        let cluster = ClusterConfiguration(
            cluster: "c-1",
            nodes: [
                NodeConfiguration(
                    id: id[0],
                    addresses: NodeAddresses(
                        http: try Address("0.0.0.0:1"), raft: try Address("[::1]:2"),
                        gossip: try Address("h:3")),
                    advertise: NodeAddresses(http: try Address("a.example:80"))),
                NodeConfiguration(id: id[1], addresses: NodeAddresses(), joins: true),
            ],
            givenSeeds: [try Address("h:3"), try Address("[::1]:4")],
            timing: TimingConfiguration(
                heartbeat: .milliseconds(10), election: .milliseconds(100) ... .milliseconds(250),
                request: .milliseconds(500)),
            givenGossipProfile: .wan, snapshotEntries: 7)
        let check = ConfigurationCheck(bytes: Array(cluster.jsonText.utf8))
        #expect(check.faults.isEmpty)
        #expect(check.configuration == cluster)
    }
}
