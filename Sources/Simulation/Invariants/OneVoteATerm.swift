import Primitives
import Raft

/// Each server votes for at most one candidate in a given term (Raft §5.2): whatever became of its
/// processes and disks, a node never tells two candidates that they have its vote.
struct OneVoteATerm {
    private struct Ballot: Hashable {
        var node: Int
        var term: Term
    }

    private var told: [Ballot: NodeID] = [:]

    /// A node has said that its vote in a term is for a candidate.
    mutating func check(node: Int, term: Term, candidate: NodeID) -> String? {
        let ballot = Ballot(node: node, term: term)
        if let other = told[ballot], other != candidate {
            return """
                One Vote a Term: n\(node + 1) voted for \(other) and for \(candidate) in term \
                \(term.number)
                """
        }
        told[ballot] = candidate
        return nil
    }

    /// How many of that many nodes have said that their vote in a term is for the node that leads it,
    /// which says so itself where it asks for votes.
    func votes(forLeader node: Int, of term: Term, nodes: Int) -> Int {
        guard let leader = told[Ballot(node: node, term: term)] else { return 0 }
        return (0..<nodes).count { told[Ballot(node: $0, term: term)] == leader }
    }
}
