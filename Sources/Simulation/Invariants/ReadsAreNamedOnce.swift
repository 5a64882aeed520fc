import Raft

/// Every attempt to read has a name that no process ever used before, so that an answer to an older
/// attempt, a dead process's included, never answers a newer one (thesis §6.4; etcd's issue 20418).
struct ReadsAreNamedOnce {
    /// The counters that each process has used, in order.
    private var used: [(nonce: UInt64, counters: [UInt64])] = []

    /// A node asks its leader for a read index.
    mutating func check(_ id: ReadID, from node: Int) -> String? {
        guard !note(id) else { return nil }
        return """
            Reads Are Named Once: n\(node + 1) asks under the name \(id.nonce), \(id.counter), which \
            was used before
            """
    }

    /// Notes a name; returns whether it is new.
    private mutating func note(_ id: ReadID) -> Bool {
        guard let process = used.lastIndex(where: { $0.nonce == id.nonce }) else {
            used.append((id.nonce, [id.counter]))
            return true
        }
        // Names leave in about the order in which they are given.
        let place = (used[process].counters.lastIndex { $0 <= id.counter }).map { $0 + 1 } ?? 0
        if place > 0, used[process].counters[place - 1] == id.counter { return false }
        used[process].counters.insert(id.counter, at: place)
        return true
    }
}
