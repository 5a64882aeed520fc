import Founding
import Primitives
import Raft
import Wire

/// Refused connections, and which of them make this node end.
extension Replica {
    /// Carries out a verdict other than `accept`.
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
                // A caller can claim anything. The real node is dialed in its turn.
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

    /// This node must end; where others must, too, it goes on telling them its record for `delay`.
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
        effects.notices.append(.rejected(hello.node, refusal, dialed: dialed))
        effects.outbox.append((id, .refusal(refusal)))
        close(id, at: now, into: &effects)
    }

    /// The other side has refused this node. A copy, a program that is too old, a disk that has lost
    /// entries, or a newborn whose id is taken must end; every other refusal is only noted.
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

    /// Whether a refusal proves that this node is the one that does not belong: it dialed the other side
    /// itself, knows its identity, and had not been let in before.
    private func mustEnd(by refusal: Refusal, on link: Link) -> Bool {
        guard link.isOwnCall, link.introduced != nil, !link.isLetIn else { return false }
        switch refusal.reason {
        case .duplicate, .oldCopy, .oldVersion, .lostAcknowledgement: return true
        case .twoDisks: return !founding.isFounded
        default: return false
        }
    }
}
