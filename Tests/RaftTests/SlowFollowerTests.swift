import Primitives
import Testing

@testable import Raft

/// Two of three servers are left, and the follower's disk takes longer than an election timeout.
@Suite struct SlowFollowerTests {
    private static let tick = Timespan.milliseconds(2)
    private static let slowSync = Timespan.milliseconds(400)

    /// A core, and a disk that takes its time. Messages and clients come in meanwhile.
    private final class Server {
        let id: NodeID
        var raft: Raft
        var syncTime = Timespan.zero
        var inbox: [Message] = []
        private(set) var readsReady: [ReadReady] = []
        private var effects = Raft.Effects()
        private var write: (id: WriteID, due: Instant)?

        init(_ id: NodeID, seed: UInt64) {
            self.id = id
            raft = Raft(
                id: id, timing: .standard, seed: seed, hardState: .initial, log: EntryLog(),
                commit: .zero)
        }

        /// One turn: what is ready, in the order of a host. Returns what it sends.
        func turn(_ events: [Raft.Event], from peer: NodeID, at now: Instant) -> [Outbound] {
            effects.removeAll()
            if let write, write.due <= now {
                self.write = nil
                raft.step(.persisted(through: write.id), at: now, into: &effects)
            }
            for message in inbox {
                raft.step(.received(message, from: peer), at: now, into: &effects)
            }
            inbox = []
            if raft.deadline <= now { raft.step(.deadlineReached, at: now, into: &effects) }
            for event in events { raft.step(event, at: now, into: &effects) }
            raft.step(.turnEnded, at: now, into: &effects)
            if let asked = effects.write { write = (asked.id, now + syncTime) }
            readsReady += effects.readsReady
            return effects.outbox
        }

        func takeReadsReady() -> [ReadReady] {
            defer { readsReady = [] }
            return readsReady
        }
    }

    private final class Pair {
        let leader = Server(n1, seed: 1)
        let follower = Server(n2, seed: 2)
        private(set) var now = Instant(nanoseconds: 1_000_000_000)
        /// Entries that the leader has sent, those sent again included.
        private(set) var entriesSent = 0
        private(set) var replies = 0

        init() {
            for (server, peer) in [(leader, n2), (follower, n1)] {
                _ = server.turn([.configured(voters: [n1, n2, n3])], from: peer, at: now)
                _ = server.turn([.connected(peer)], from: peer, at: now)
            }
        }

        /// A message takes one tick.
        func tick(_ events: [Raft.Event] = []) {
            now = now + SlowFollowerTests.tick
            let said = leader.turn(events, from: n2, at: now)
            let answered = follower.turn([], from: n1, at: now)
            for outbound in said where outbound.to == n2 {
                entriesSent += outbound.message.asAppendEntries?.entries.count ?? 0
                follower.inbox.append(outbound.message)
            }
            for outbound in answered where outbound.to == n1 {
                replies += outbound.message.asAppendReply == nil ? 0 : 1
                leader.inbox.append(outbound.message)
            }
        }
    }

    @Test(
        "One of three is gone and the other's disk is slow: the leader leads on, and reads are quick",
        arguments: [true, false])
    func leaderStays(withReads: Bool) {
        let pair = Pair()
        while pair.leader.raft.role != .leader { pair.tick() }
        // Reads wait for the first commit of the term.
        while pair.leader.raft.commit == .zero { pair.tick() }
        let term = pair.leader.raft.term
        pair.follower.syncTime = SlowFollowerTests.slowSync
        var asked: [UInt64: Instant] = [:]
        var slowest = Timespan.zero
        var (submitted, answered) = (0, 0)
        for number in UInt64(0)..<30_000 {
            var payloads = Payloads()
            payloads.append { $0.append(1) }
            var events = [Raft.Event.submitted(payloads)]
            submitted += 1
            if withReads, number % 5 == 0 {
                events.append(.readRequested(ReadID(nonce: 1, counter: number)))
                asked[number] = pair.now + SlowFollowerTests.tick
            }
            pair.tick(events)
            for ready in pair.leader.takeReadsReady() {
                answered += 1
                slowest = max(slowest, pair.now.since(asked[ready.id.counter]!))
            }
            guard pair.leader.raft.role == .leader, pair.leader.raft.term == term else {
                Issue.record("the leader fell after \(number) ticks")
                return
            }
        }
        #expect(pair.follower.raft.leader == n1)
        // All but the last two writes of the follower are committed.
        let lag = pair.leader.raft.commit.distance(to: pair.leader.raft.log.lastIndex)
        #expect(lag <= 2 * 200 + 10, "\(lag) entries behind")
        #expect(pair.entriesSent <= submitted + 1 + 300, "entries were sent again")
        // 60 s hold 150 writes, 1,200 heartbeats' time and 6,000 rounds.
        if withReads {
            #expect(answered >= 5_990 && slowest <= .milliseconds(8), "slowest: \(slowest)")
            #expect(pair.replies <= 6_000 + 150 + 1_200)
        } else {
            #expect(pair.replies <= 150 + 1_200)
        }
    }
}
