import Primitives
import Raft
import Wire

/// What a server says about its term, vote and log is on its disk before (Raft figure 2, "updated on
/// stable storage before responding to RPCs").
struct PromisesAreDurable {
    func check(
        _ message: Message, from sender: Observation, id: NodeID, to receiver: NodeID,
        log: LogShadow, disk: DurableView
    ) -> String? {
        // What an older term's message promised is past, and may have been overwritten since.
        guard message.term == sender.term else { return nil }
        let holds =
            switch message {
            case .voteReply(let reply):
                !reply.granted || disk.hardState == HardState(term: reply.term, vote: receiver)
            case .voteRequest(let request):
                disk.hardState == HardState(term: request.term, vote: id)
            case .appendReply(let reply):
                switch reply.outcome {
                case .matched(let index):
                    disk.holds(index, chain: log.chain(at: index))
                case .conflict: true
                }
            default: true
            }
        if holds { return nil }
        return """
            Promises Are Durable: n\(sender.node + 1) said "\(PeerMessage.raft(message).story)" while its \
            disk holds term \(disk.hardState.term.number), vote \
            \(disk.hardState.vote?.description ?? "-") and entries through \
            \(disk.log.lastIndex.number)
            """
    }
}
