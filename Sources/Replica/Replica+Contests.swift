import Primitives
import Raft
import Wire

/// Two processes that say they are the same node: which of them is heard.
extension Replica {
    /// The same node is here twice. The same process has simply called again. Another process on the
    /// same disk is a restart whose old connection hangs, or a copy: the old connection is asked.
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

    /// An old connection lives: whoever claims to be the same node is a copy of it. An answer to an
    /// older ping may have been under way since before the node died, and proves nothing.
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
        var earliest: Instant?
        for link in links {
            if case .contested(_, _, let until) = link.phase {
                earliest = min(earliest ?? until, until)
            }
        }
        return earliest
    }

    /// Whoever the old connection has not answered in time for takes its place.
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
