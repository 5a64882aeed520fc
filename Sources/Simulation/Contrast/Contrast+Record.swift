import Primitives

extension Contrast {
    /// What clients asked and were told, and what was left in the end: all that figures are made of.
    struct Record {
        var calls: [Call]
        /// What each node holds in the end; nil where no process runs.
        var values: [Int64?]
        /// For each node, the numbers of the acknowledged adds that are in its value in the end.
        var holdings: [[Int]]
        /// When the fault lasted.
        var fault: Range<Instant>
        /// When the script changed something for the last time.
        var settledFrom: Instant
        /// Since when all nodes hold the same; nil where they don't in the end.
        var agreedSince: Instant?
        /// The nodes that the fault leaves without a majority.
        var minority: [Int]
        /// How many messages nodes sent each other in a second while clients asked.
        var messagesInSecond: Int

        /// The acknowledged adds that are left in the end. Where nodes hold different values, it is what
        /// the node with the most of them holds; two adds that name one write are one.
        var surviving: [Int] {
            var most: [Int] = []
            for holding in holdings {
                var writes: [WriteID] = []
                let distinct = holding.filter { number in
                    guard let write = calls[number].done?.write, !writes.contains(write) else {
                        return false
                    }
                    writes.append(write)
                    return true
                }
                if distinct.count > most.count { most = distinct }
            }
            return most
        }
    }
}
