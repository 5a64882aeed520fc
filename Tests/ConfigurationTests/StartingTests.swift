import Configuration
import Primitives
import Testing

/// What a good file still lacks for a node to start from it.
struct StartingTests {
    private func configuration(_ nodes: String...) throws -> ClusterConfiguration {
        let text = "{ \"cluster\": \"c\", \"nodes\": [\(nodes.joined(separator: ","))] }"
        return try #require(ConfigurationCheck(bytes: Array(text.utf8)).configuration)
    }

    private func lines(_ configuration: ClusterConfiguration, _ name: String) throws -> [String] {
        configuration.faults(forServing: try #require(NodeID(name))).map(\.description)
    }

    @Test func `a node that is not in the file is told who is`() throws {
        let configuration = try configuration(node(1), node(2), node(3))
        #expect(
            try lines(configuration, "n4") == [
                "$.nodes: there is no node \"n4\"; the file has n1, n2, n3"
            ])
        #expect(try lines(configuration, "n2").isEmpty)
        #expect(configuration.faultsForServingAll().isEmpty)
    }

    @Test func `a node needs its own addresses and the ids of the others`() throws {
        let configuration = try configuration(
            "{ \"id\": \"n1\", \"raft\": \"h:1\" }", "{ \"id\": \"n2\" }",
            "{ \"id\": \"n3\", \"advertise\": { \"raft\": \"h:3\" } }",
            "{ \"id\": \"n4\", \"joins\": true }", node(5))
        #expect(
            try lines(configuration, "n1") == [
                "$.nodes[0].http: missing; n1 needs the http address that it shall listen on",
                "$.nodes[0].gossip: missing; n1 needs the gossip address that it shall listen on",
            ])
        #expect(configuration.faultsForServingAll().count == 11)
    }
}
