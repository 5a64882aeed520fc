import Raft

/// Every attempt to read has a name that no process ever used before, so that an answer to an older
/// attempt, a dead process's included, never answers a newer one (thesis §6.4; etcd's issue 20418).
struct ReadsAreNamedOnce {
    private var names: Set<ReadID> = []

    /// A node asks its leader for a read index.
    mutating func check(_ id: ReadID, from node: Int) -> String? {
        guard !names.insert(id).inserted else { return nil }
        return """
            Reads Are Named Once: n\(node + 1) asks under the name \(id.nonce), \(id.counter), which \
            was used before
            """
    }
}
