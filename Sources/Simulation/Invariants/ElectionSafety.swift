import Raft

/// Election Safety: at most one leader can be elected in a term (Raft figure 3, §5.2).
///
/// A node that dies and leads the same term once more counts as a second leader.
struct ElectionSafety {
    private struct Reign {
        var node: Int
        var life: Int
    }

    private var reigns: [Reign?] = []

    /// The highest term that had a leader.
    var lastTerm: Int { reigns.lastIndex { $0 != nil } ?? 0 }

    mutating func check(_ now: Observation, before: Observation?) -> String? {
        guard now.beganToLead(since: before) else { return nil }
        let term = Int(clamping: now.term.number)
        while reigns.count <= term { reigns.append(nil) }
        if let reign = reigns[term] {
            return """
                Election Safety: n\(reign.node + 1) (life \(reign.life)) and n\(now.node + 1) \
                (life \(now.life)) both lead term \(term)
                """
        }
        reigns[term] = Reign(node: now.node, life: now.life)
        return nil
    }
}
