import Posix
import Primitives
import Testing

@testable import Raft

/// What a leader with a long log of many terms spends on an empty follower: figures, not a test. It runs
/// with TALLY_FIGURES=1 in the environment alone; docs/testing.md says how, and what came of it.
@Suite(.enabled(if: Environment.has("TALLY_FIGURES=1"))) struct CatchUpFigures {
    private static let entries = 1_000_000
    private static let terms = 10_000

    private func longLog() -> EntryLog {
        var log = EntryLog()
        let payload = [UInt8](repeating: 1, count: 9)
        for number in 0..<CatchUpFigures.entries {
            let term = Term(UInt64(number * CatchUpFigures.terms / CatchUpFigures.entries + 1))
            log.append(term: term, kind: .command, payload: 0..<payload.count, of: payload)
        }
        return log
    }

    private func server(_ id: NodeID, log: consuming EntryLog) -> Raft {
        let term = log.last.term
        return Raft(
            id: id, timing: .standard, seed: 1, hardState: HardState(term: term, vote: nil),
            log: log, commit: .zero)
    }

    private final class Box {
        var raft: Raft
        var effects = Raft.Effects()
        /// The longest turn so far.
        var longest = Timespan.zero

        init(_ raft: consuming Raft) { self.raft = raft }

        /// One turn, and what it wants sent.
        func turn(_ events: [Raft.Event], at now: Instant) -> [Outbound] {
            effects.removeAll()
            let start = MonotonicClock.now()
            for event in events { raft.step(event, at: now, into: &effects) }
            raft.step(.turnEnded, at: now, into: &effects)
            longest = max(longest, MonotonicClock.now().since(start))
            var sent = effects.outbox
            if let write = effects.write {
                sent += turn([.persisted(through: write.id)], at: now)
            }
            return sent
        }
    }

    @Test func anEmptyFollowerCatchesUp() {
        let leader = Box(server(n1, log: longLog()))
        let follower = Box(server(n2, log: EntryLog()))
        let voters = Raft.Event.configured(voters: [n1, n2])
        var now = Instant(nanoseconds: 1_000_000_000)
        _ = leader.turn([voters], at: now)
        _ = follower.turn([voters], at: now)
        _ = follower.turn([.connected(n1)], at: now)
        var underWay = leader.turn([.connected(n2)], at: now)
        now = leader.raft.deadline
        underWay += leader.turn([.deadlineReached], at: now)
        let start = MonotonicClock.now()
        var turns = 0
        while follower.raft.log.lastIndex < leader.raft.log.lastIndex || turns < 10 {
            var events: [Raft.Event] = []
            for outbound in underWay {
                let received = Raft.Event.received(
                    outbound.message, from: outbound.to == n1 ? n2 : n1)
                if outbound.to == n1 {
                    events.append(received)
                } else {
                    for reply in follower.turn([received], at: now) {
                        events.append(.received(reply.message, from: n2))
                    }
                }
            }
            if leader.raft.deadline <= now { events.append(.deadlineReached) }
            underWay = leader.turn(events, at: now)
            turns += 1
            if underWay.isEmpty { now = leader.raft.deadline }
            guard turns < 1_000_000 else { break }
        }
        let whole = MonotonicClock.now().since(start)
        #expect(follower.raft.log.lastIndex == leader.raft.log.lastIndex)
        print(
            "\(CatchUpFigures.entries) entries of \(CatchUpFigures.terms) terms: caught up in",
            "\(whole.nanoseconds / 1_000_000) ms, \(turns) turns, the leader's longest turn",
            "\(leader.longest.nanoseconds / 1_000) µs")
    }
}
