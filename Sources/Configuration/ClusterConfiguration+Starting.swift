import Primitives

/// What a good file may still lack for one node, or for all, to be started from it.
extension ClusterConfiguration {
    /// What keeps node `id` from running: the file has no such node, or its entry lacks one of its
    /// three addresses. Empty where the node can start; the others' addresses may be missing, since
    /// they are learned by gossip.
    public func faults(forServing id: NodeID) -> [ConfigurationFault] {
        if let fault = fault(forNode: id) { return [fault] }
        return nodes.indices.filter { nodes[$0].id == id }.flatMap(ownEntryFaults(at:))
    }

    /// What keeps the whole cluster from being started on one machine: every entry needs its three
    /// addresses. Empty where all can start.
    public func faultsForServingAll() -> [ConfigurationFault] {
        nodes.indices.flatMap(ownEntryFaults(at:))
    }

    /// The fault where the file has no node `id`, naming those it has; nil where it has it.
    public func fault(forNode id: NodeID) -> ConfigurationFault? {
        guard node(id) == nil else { return nil }
        let there = nodes.map(\.id.description).joined(separator: ", ")
        return ConfigurationFault(
            path: "$.nodes", message: "there is no node \"\(id)\"; the file has \(there)")
    }

    private func ownEntryFaults(at position: Int) -> [ConfigurationFault] {
        let node = nodes[position]
        return node.addresses.missing.map { key in
            ConfigurationFault(
                path: JSONPath.root["nodes"][position][key].text,
                message: "missing; \(node.id) needs the \(key) address that it shall listen on")
        }
    }
}
