import HTTP
import Primitives
import Raft
import Replica

/// Answers that name the leader.
extension Server {
    /// Sends a client on to the leader, with its request's path and query.
    mutating func redirect(
        _ client: ClientConnection, at position: Int, to leader: NodeID, _ authority: [UInt8]
    ) {
        let encoder = encoder
        client.answer(at: position) { exchange, output in
            let start = output.count
            encoder.begin(.temporaryRedirect, closing: exchange.closes, into: &output)
            if encoder.location(authority: authority, target: exchange.target, into: &output) {
                encoder.field("Tally-Leader", leader.bytes, into: &output)
                encoder.finishEmpty(into: &output)
            } else {
                output.removeSubrange(start...)
                let problem = ProblemDetails(
                    .serviceUnavailable, code: "no-leader",
                    detail: "\(leader) leads, but its HTTP address is no address.")
                Server.render(
                    problem, allow: nil, isHead: exchange.isHead, closes: exchange.closes,
                    with: encoder, into: &output)
            }
        }
        markDirty(client)
    }

    /// Says who leads now, to a client that asked for a change.
    mutating func answerLeader(
        _ client: ClientConnection, at position: Int, _ leader: NodeID, _ term: Term
    ) {
        page.removeAll(keepingCapacity: true)
        page.append(contentsOf: "{\"leader\":".utf8)
        JSONText.appendQuoted(leader.bytes, to: &page)
        page.append(contentsOf: ",\"term\":\(term.number)}\n".utf8)
        answerPage("application/json", .ok, client, at: position)
    }
}
