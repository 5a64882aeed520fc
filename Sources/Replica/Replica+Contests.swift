import Primitives
import Raft
import Wire

/// Two processes that claim to be the same node: which of them is let in.
extension Replica {
    /// A second connection of a node. From the same process it replaces the first. From another process
    /// on the same disk it is a restart whose old connection hangs, or a copy: the old connection is
    /// pinged.
    mutating func resolveDuplicate(
        _ hello: Hello, on position: Int, older: Int, at now: Instant, into effects: inout Effects
    ) {
        guard let known = links[older].peer else { return }
        if known.disk != hello.disk {
            let refusal = Refusal(
                reason: .twoDisks,
                detail: "\(hello.node) is connected with disk \(known.disk), not \(hello.disk)")
            return reject(hello, refusal, on: links[position].id, at: now, into: &effects)
        }
        let (newcomer, old) = (links[position].id, links[older].id)
        if known.nonce == hello.nonce {
            close(old, at: now, into: &effects)
            if let position = self.position(of: newcomer) {
                establish(hello, on: position, at: now, into: &effects)
            }
            return
        }
        effects.outbox.append((old, .ping(nextPing)))
        links[position].phase = .contested(
            hello, ping: nextPing, until: now + timing.heartbeat)
        nextPing += 1
    }

    /// The old connection is alive, so the other process is a copy. A pong to an older ping proves
    /// nothing: it may have been in flight since before the node died.
    mutating func handlePong(
        _ number: UInt64, on position: Int, at now: Instant, into effects: inout Effects
    ) {
        guard let peer = links[position].peer else { return }
        for link in links {
            guard case .contested(let hello, let ping, _) = link.phase,
                hello.node == peer.node, number >= ping
            else { continue }
            let refusal = Refusal(
                reason: .duplicate,
                detail: "another process runs \(peer.node) on disk \(peer.disk) and answers")
            reject(hello, refusal, on: link.id, at: now, into: &effects)
        }
    }

    var earliestContestDeadline: Instant? {
        var earliest = Instant.never
        for position in links.indices { earliest = min(earliest, links[position].contestDeadline) }
        return earliest == .never ? nil : earliest
    }

    /// A newcomer takes the place of an old connection that has not answered in time.
    mutating func resolveContests(at now: Instant, into effects: inout Effects) {
        for link in links {
            guard case .contested(let hello, _, let until) = link.phase, now >= until
            else { continue }
            // A later process of the same node may have been heard since, and this one is over; or
            // this disk has pledged to another record.
            let verdict = judge(hello, dialed: link.dialed)
            guard case .accept = verdict else {
                if let position = position(of: link.id) {
                    settle(verdict, of: hello, on: position, at: now, into: &effects)
                }
                continue
            }
            if let old = self.link(to: hello.node) { close(old, at: now, into: &effects) }
            if let position = position(of: link.id) {
                establish(hello, on: position, at: now, into: &effects)
            }
        }
    }
}
