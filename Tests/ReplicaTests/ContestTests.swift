import Founding
import Primitives
import Raft
import Replica
import Testing
import Wire

/// A node that is here twice: it came back while its old connection still hangs.
struct ContestTests {
    private static let names = ["n1", "n2"].map { NodeID($0)! }
    private static let record = FoundingRecord(
        cluster: Array("c".utf8),
        members: names.enumerated().map { .init(node: $1, disk: DiskID(UInt64($0))) })!

    private static func hello(nonce: UInt64, _ founding: FoundingState) -> Hello {
        Hello(
            cluster: record.cluster, node: names[0], disk: DiskID(0), nonce: nonce,
            earlierStarts: StartHistory(count: nonce, nonces: [])!, founding: founding,
            voters: names, http: Array("a:1".utf8), raft: Array("a:2".utf8))
    }

    private static func founded() -> Replica {
        Replica(
            identity: Replica.Identity(
                cluster: record.cluster, node: names[1], disk: DiskID(1), nonce: 9,
                founders: names, http: Array("b:1".utf8), raft: Array("b:2".utf8)),
            timing: .standard, requestTimeout: .milliseconds(2_000), hardState: .initial,
            log: EntryLog(), commit: .zero, founding: .founded(record),
            isCommand: { _, _ in false }, at: .origin)
    }

    /// Found by seed 212893419869 of the simulation: the leader never spoke to the node again.
    @Test func `a founding announced while the connection is contested counts once it stands`() {
        var replica = Self.founded()
        var effects = Replica.Effects()
        var now = Instant.origin
        replica.step(.linkOpened(LinkID(1), dialed: nil), at: now, into: &effects)
        replica.step(
            .received(.hello(Self.hello(nonce: 1, .pledged(Self.record))), on: LinkID(1)), at: now,
            into: &effects)
        // The node restarts, and is founded before its new connection is let in.
        replica.step(.linkOpened(LinkID(2), dialed: nil), at: now, into: &effects)
        replica.step(
            .received(.hello(Self.hello(nonce: 2, .pledged(Self.record))), on: LinkID(2)), at: now,
            into: &effects)
        replica.step(
            .received(.founding(.founded(Self.record)), on: LinkID(2)), at: now, into: &effects)
        effects.removeAll()
        for _ in 0..<100 {
            now = now + .milliseconds(10)
            if now >= replica.deadline {
                replica.step(.deadlineReached, at: now, into: &effects)
            }
            replica.step(.turnEnded, at: now, into: &effects)
            // The newcomer's start is remembered first.
            if let write = effects.write {
                effects.write = nil
                replica.step(.persisted(write.id), at: now, into: &effects)
            }
        }
        // Raft speaks over the new connection: a pre-vote at the latest after an election timeout.
        let spoken = effects.outbox.contains { outbound in
            if case .raft = outbound.message { outbound.link == LinkID(2) } else { false }
        }
        #expect(spoken)
    }

    /// The answer to an earlier ping may have been under way when its process died.
    @Test(arguments: [false, true])
    func `only an answer to the contest's own ping refuses the newcomer`(isOwn: Bool) {
        var replica = Self.founded()
        var effects = Replica.Effects()
        for nonce in [1, 2] as [UInt64] {
            replica.step(.linkOpened(LinkID(nonce), dialed: nil), at: .origin, into: &effects)
            replica.step(
                .received(
                    .hello(Self.hello(nonce: nonce, .founded(Self.record))), on: LinkID(nonce)),
                at: .origin, into: &effects)
        }
        var asked: UInt64?
        for outbound in effects.outbox where outbound.link == LinkID(1) {
            if case .ping(let number) = outbound.message { asked = number }
        }
        effects.removeAll()
        let pong = PeerMessage.pong((asked ?? 1) - (isOwn ? 0 : 1))
        replica.step(.received(pong, on: LinkID(1)), at: .origin, into: &effects)
        let refused = effects.outbox.contains { outbound in
            if case .refusal(let refusal) = outbound.message {
                refusal.reason == .duplicate && outbound.link == LinkID(2)
            } else {
                false
            }
        }
        #expect(asked != nil)
        #expect(refused == isOwn)
    }

    /// Found by seed 784868132838 of the simulation: the log held an older start behind a newer one.
    @Test func `a process that was overtaken while its connection was contested is not let in`() {
        var replica = Self.founded()
        var effects = Replica.Effects()
        var now = Instant.origin
        func greet(_ link: UInt64, nonce: UInt64) {
            replica.step(.linkOpened(LinkID(link), dialed: nil), at: now, into: &effects)
            replica.step(
                .received(
                    .hello(Self.hello(nonce: nonce, .founded(Self.record))), on: LinkID(link)),
                at: now, into: &effects)
            replica.step(.turnEnded, at: now, into: &effects)
            while let write = effects.write {
                effects.write = nil
                replica.step(.persisted(write.id), at: now, into: &effects)
                replica.step(.turnEnded, at: now, into: &effects)
            }
        }
        greet(1, nonce: 1)
        // The second process is contested by the first, whose connection then ends, and a third comes.
        greet(2, nonce: 2)
        replica.step(.linkClosed(LinkID(1)), at: now, into: &effects)
        greet(3, nonce: 3)
        effects.removeAll()
        now = now + Timing.standard.heartbeat
        replica.step(.deadlineReached, at: now, into: &effects)
        replica.step(.turnEnded, at: now, into: &effects)
        #expect(effects.closes == [LinkID(2)])
        #expect(effects.write == nil, "no older start is written down")
    }
}
