import Raft

/// Log Matching: if two logs contain an entry with the same index and term, then the logs are
/// identical in all entries up through that index (Raft figure 3, §5.3).
///
/// Whatever any log ever held is compared, not only what the logs hold now.
struct LogMatching {
    private struct Seen {
        var term: Term
        var chain: UInt64
    }

    private var seen: [[Seen]] = []

    mutating func check(_ log: LogShadow, of node: Int, changedFrom: LogIndex?) -> String? {
        guard var index = changedFrom else { return nil }
        while index <= log.lastIndex {
            if let fault = check(log[index], at: index, of: node) { return fault }
            index = index.next
        }
        return nil
    }

    private mutating func check(
        _ entry: ShadowEntry, at index: LogIndex, of node: Int
    ) -> String? {
        let position = Int(index.number) - 1
        while seen.count <= position { seen.append([]) }
        for other in seen[position] where other.term == entry.term {
            if other.chain == entry.chain { return nil }
            return """
                Log Matching: n\(node + 1) has an entry \(index.number) of term \
                \(entry.term.number) that, or before which the log, differs from another's
                """
        }
        seen[position].append(Seen(term: entry.term, chain: entry.chain))
        return nil
    }
}
