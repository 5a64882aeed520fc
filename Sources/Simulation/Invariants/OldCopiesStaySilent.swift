import Raft
import Wire

/// A node whose directory was put back from an old copy has forgotten votes and entries that others
/// count on: it never votes, acknowledges or leads, where they remember a later start of it (Raft §5.2
/// and figure 2 rest on what was written being there for good).
struct OldCopiesStaySilent {
    func check(_ now: Observation, isOldCopy: Bool) -> String? {
        guard isOldCopy, now.isLeader else { return nil }
        return """
            Old Copies Stay Silent: n\(now.node + 1) has forgotten what it promised and leads term \
            \(now.term.number)
            """
    }

    func check(_ message: Message, from node: Int, isOldCopy: Bool) -> String? {
        guard isOldCopy else { return nil }
        switch message {
        case .preVoteRequest, .preVoteReply, .readIndexRequest: return nil
        case .voteReply(let reply) where !reply.granted: return nil
        default: break
        }
        return """
            Old Copies Stay Silent: n\(node + 1) has forgotten what it promised and says \
            "\(PeerMessage.raft(message).story)"
            """
    }
}
