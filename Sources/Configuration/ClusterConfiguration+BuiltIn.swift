import Primitives

extension ClusterConfiguration {
    /// How many nodes a built-in cluster can have.
    public static let builtInSizes = [3, 5]

    /// The cluster that runs on this machine where no file is given: `example` with 3 nodes, the same
    /// as `cluster.example.json`, or `example-5` with 5. Node `nK` has the ports 8000 + K for HTTP,
    /// 9000 + K for Raft and 7000 + K for gossip on 127.0.0.1. `size` is 3 or 5.
    public static func builtIn(nodes size: Int) -> ClusterConfiguration {
        precondition(builtInSizes.contains(size), "no built-in cluster has \(size) nodes")
        let nodes = (1...size).map { number in
            guard let id = NodeID("n\(number)") else { preconditionFailure("n\(number) is a name") }
            return NodeConfiguration(
                id: id,
                addresses: NodeAddresses(
                    http: .loopback(port: UInt16(8000 + number)),
                    raft: .loopback(port: UInt16(9000 + number)),
                    gossip: .loopback(port: UInt16(7000 + number))))
        }
        return ClusterConfiguration(
            cluster: size == 3 ? "example" : "example-\(size)", nodes: nodes)
    }
}
