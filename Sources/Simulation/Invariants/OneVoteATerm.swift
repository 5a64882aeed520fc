import Primitives
import Raft

/// Each server votes for at most one candidate in a given term (Raft §5.2): whatever became of its
/// processes and disks, a node never tells two candidates that they have its vote.
struct OneVoteATerm {
    /// For each node its votes by term, as far as it has told them.
    private var told: [[NodeID?]] = []

    /// A node has said that its vote in a term is for a candidate.
    mutating func check(node: Int, term: Term, candidate: NodeID) -> String? {
        if let other = vote(of: node, in: term), other != candidate {
            return """
                One Vote a Term: n\(node + 1) voted for \(other) and for \(candidate) in term \
                \(term.number)
                """
        }
        let place = Int(term.number)
        while told.count <= node { told.append([]) }
        while told[node].count <= place { told[node].append(nil) }
        told[node][place] = candidate
        return nil
    }

    private func vote(of node: Int, in term: Term) -> NodeID? {
        let place = Int(term.number)
        guard told.indices.contains(node), told[node].indices.contains(place) else { return nil }
        return told[node][place]
    }

    /// How many of that many nodes have said that their vote in a term is for the node that leads it,
    /// which says so itself where it asks for votes.
    func votes(forLeader node: Int, of term: Term, nodes: Int) -> Int {
        guard let leader = vote(of: node, in: term) else { return 0 }
        return (0..<nodes).count { vote(of: $0, in: term) == leader }
    }
}
