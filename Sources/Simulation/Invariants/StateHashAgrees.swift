import Raft

/// Engines that have applied the same entries have the same hash, on every node, in every process and
/// at every index.
struct StateHashAgrees {
    /// For each index the hash of whoever was the first to apply it.
    private var hashes: [UInt64] = []

    /// A node has applied an entry. Those that nobody has applied yet come one by one.
    mutating func check(_ seen: AppliedEntry) -> String? {
        let position = Int(seen.index.number) - 1
        if position == hashes.count { hashes.append(seen.hash) }
        guard position < hashes.count else {
            return """
                State Hash Agrees: n\(seen.node + 1) has left out entries before \
                \(seen.index.number)
                """
        }
        if hashes[position] == seen.hash { return nil }
        return """
            State Hash Agrees: n\(seen.node + 1) has another hash at \(seen.index.number) than the \
            node that was first to apply it
            """
    }
}
