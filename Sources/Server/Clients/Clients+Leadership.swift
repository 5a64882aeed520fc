import HTTP
import Primitives
import Raft
import Replica

/// Answers that name the leader.
extension Clients {
    /// Sends a client on to the leader, with its request's path and query.
    mutating func redirect(
        _ client: ClientConnection, at position: Int, to leader: NodeID, _ authority: [UInt8]
    ) {
        let encoder = encoder
        var page: [UInt8] = []
        swap(&page, &self.page)
        client.answer(at: position) { exchange, output in
            let start = output.count
            encoder.begin(.temporaryRedirect, closing: exchange.closes, into: &output)
            if encoder.location(authority: authority, target: exchange.target, into: &output) {
                encoder.field("Tally-Leader", leader.bytes, into: &output)
                // Without -L, curl prints this and nothing else.
                page.removeAll(keepingCapacity: true)
                page.append(contentsOf: leader.bytes)
                page.append(contentsOf: " leads: use curl -L, or write to http://".utf8)
                page.append(contentsOf: authority)
                page.append(contentsOf: exchange.target)
                page.append(UInt8(ascii: "\n"))
                encoder.finish(page, type: "text/plain", isHead: exchange.isHead, into: &output)
            } else {
                output.removeSubrange(start...)
                let problem = ProblemDetails(
                    .noLeader, "\(leader) leads, but its HTTP address is no address.")
                Clients.render(
                    problem, allow: nil, isHead: exchange.isHead, closes: exchange.closes,
                    with: encoder, into: &output)
            }
        }
        swap(&page, &self.page)
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
