import Primitives
import Raft
import Wire

/// A leader never counts again on a disk that has lost what it acknowledged to it (Raft figure 2, "updated
/// on stable storage before responding to RPCs", is what its counting rests on): it hears where the log of
/// the disk's next process ends, and does not let it in. So that process acknowledges nothing to it.
struct LostEntriesAreNoticed {
    /// What a node's disk has lost.
    struct Loss {
        /// The leader to which it was acknowledged, and its term.
        var leader: Int
        var term: Term
    }

    func check(_ message: Message, from node: Int, to receiver: NodeID, _ loss: Loss?) -> String? {
        guard let loss, case .appendReply(let reply) = message, reply.term == loss.term else {
            return nil
        }
        return """
            Lost Entries Are Noticed: n\(node + 1) has lost entries that it acknowledged to \
            n\(loss.leader + 1), and goes on acknowledging to \(receiver) in term \(loss.term.number)
            """
    }
}
