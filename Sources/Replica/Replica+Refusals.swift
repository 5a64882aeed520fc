import Founding
import Primitives
import Raft
import Wire

/// Connections that come to nothing, and what of it ends this node.
extension Replica {
    /// Does not go on with the other side.
    mutating func settle(
        _ verdict: Verdict, of hello: Hello, on position: Int, at now: Instant,
        into effects: inout Effects
    ) {
        let link = links[position]
        switch verdict {
        case .accept: break
        case .refuse(let refusal):
            reject(hello, refusal, on: link.id, at: now, into: &effects)
        case .end(let reason, let delay):
            if link.isOwnCall {
                end(reason, after: delay, at: now, into: &effects)
            } else {
                // Whoever calls may say anything. The real one is called in its turn.
                effects.notices.append(.contradicted(by: hello.node))
            }
            close(link.id, at: now, into: &effects)
        }
    }

    /// Looks at every connection again with the record that this disk has pledged to. What a peer said
    /// while the pledge was being written was judged without it.
    mutating func judgeLinksAgain(at now: Instant, into effects: inout Effects) {
        for link in links {
            guard let peer = link.peer, let position = position(of: link.id) else { continue }
            settle(
                judge(peer, dialed: link.dialed), of: peer, on: position, at: now, into: &effects)
        }
    }

    /// This node must end; where others must, too, it goes on telling its record for a while.
    private mutating func end(
        _ reason: EndReason, after delay: Timespan, at now: Instant, into effects: inout Effects
    ) {
        if delay == .zero {
            effects.end = effects.end ?? reason
        } else if ending == nil {
            ending = (reason, now + delay)
        }
    }

    mutating func reject(
        _ hello: Hello, _ refusal: Refusal, on id: LinkID, at now: Instant,
        into effects: inout Effects
    ) {
        let dialed = position(of: id).flatMap { links[$0].dialed }
        effects.notices.append(.turnedAway(hello.node, refusal, dialed: dialed))
        effects.outbox.append((id, .refusal(refusal)))
        close(id, at: now, into: &effects)
    }

    /// The other side has refused this node. A copy, or a newborn whose id is taken, must end; all
    /// else is for people to read.
    mutating func handleRefusal(
        _ refusal: Refusal, on position: Int, at now: Instant, into effects: inout Effects
    ) {
        let link = links[position]
        let peer = link.dialed ?? link.peer?.node
        effects.notices.append(.refused(by: peer, refusal, dialed: link.dialed))
        if mustEnd(by: refusal, on: link) {
            let who = peer?.description ?? "a peer"
            let text =
                "\(who) refuses this node: \(String(decoding: refusal.detail, as: UTF8.self))"
            effects.end = effects.end ?? EndReason(refusal: refusal, text: text)
        }
        close(link.id, at: now, into: &effects)
    }

    /// Whether a refusal proves that this node is the one too many: it called the other side itself,
    /// was told who that is, and was not let in before it was refused. Where it has been let in, the
    /// claim comes too late to be about the newcomer.
    private func mustEnd(by refusal: Refusal, on link: Link) -> Bool {
        guard link.isOwnCall, link.introduced != nil, !link.isLetIn else { return false }
        switch refusal.reason {
        case .duplicate, .oldCopy: return true
        case .twoDisks: return !founding.isFounded
        default: return false
        }
    }
}
