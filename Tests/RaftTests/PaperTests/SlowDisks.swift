import Primitives
import Testing

@testable import Raft

/// A follower answers its leader while its disk is at work: what rests on the disk waits, the sign of
/// life does not.
@Suite struct SlowDisks {
    /// n2 follows n1 in term 1, which is on its disk with the first entry; its writes are withheld.
    private func follower() -> Stage {
        let stage = Stage(3)
        stage.tell(n2, .append(1, "1:-"), from: n1)
        stage.take()
        stage.withhold(n2)
        return stage
    }

    private let first = entry(1, term: 1)
    private let second = entry(2, term: 1)

    @Test("A heartbeat is answered at once with what is durable, and the rest follows the write")
    func heartbeats() {
        let stage = follower()
        stage.tell(n2, .append(1, after: first, "1:a 1:b"), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.tell(n2, .append(1, after: entry(3, term: 1)), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 1)])
        stage.tell(n2, .append(1, after: entry(3, term: 1)), from: n1)
        stage.take()
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 3)])
    }

    @Test("A read round is confirmed at once, also where it comes with entries")
    func rounds() {
        let stage = follower()
        stage.tell(n2, .append(1, after: first, "1:a", round: 1), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 1, round: 1)])
        stage.take()
        stage.tell(n2, .append(1, after: second, "1:b", round: 1), from: n1)
        #expect(stage.sent(n2).isEmpty, "the round is not new")
        stage.tell(n2, .append(1, after: entry(3, term: 1), "1:c", round: 2), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 1, round: 2)])
    }

    @Test("In a plain stream of entries there is one answer for each write")
    func stream() {
        let stage = follower()
        for index in UInt64(1)...6 {
            stage.tell(n2, .append(1, after: entry(index, term: 1), "1:a"), from: n1)
        }
        #expect(stage.sent(n2).isEmpty)
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 2)])
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 2), .matched(1, 7)])
        #expect(stage[n2].unsynced == nil)
    }

    @Test("Entries that have waited for a heartbeat's time are answered with what is durable")
    func patience() {
        let stage = follower()
        stage.tell(n2, .append(1, after: first, "1:a"), from: n1)
        stage.now = stage.now + Timespan(nanoseconds: Timing.standard.heartbeat.nanoseconds - 1)
        stage.tell(n2, .append(1, after: second, "1:b"), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.now = stage.now + Timespan(nanoseconds: 1)
        stage.tell(n2, .append(1, after: entry(3, term: 1), "1:c"), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 1)])
        stage.tell(n2, .append(1, after: entry(4, term: 1), "1:d"), from: n1)
        #expect(stage.sent(n2).count == 1, "it starts to wait anew")
    }

    @Test("Figure 2: nothing is answered before the term is on disk, not even a heartbeat")
    func termFirst() {
        let stage = follower()
        stage.tell(n2, .append(2, after: first), from: n3)
        stage.tell(n2, .append(2, after: entry(9, term: 2)), from: n3)
        stage.tell(n2, .vote(2, last: .zero), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.persist(n2)
        #expect(stage.sent(n2, to: n3).contains(.matched(2, 1)))
        #expect(
            stage.sent(n2, to: n3).contains(.conflict(2, at: 9, hint: first)))
        #expect(stage.sent(n2, to: n1) == [.voteAnswer(2, false)])
    }

    @Test("A rejection and a refused vote do not wait for entries")
    func rejections() {
        let stage = follower()
        stage.tell(n2, .append(1, after: first, "1:a"), from: n1)
        stage.tell(n2, .append(1, after: entry(9, term: 1), "1:z"), from: n1)
        #expect(stage.sent(n2, to: n1) == [.conflict(1, at: 9, hint: second)])
        stage.tell(n2, .vote(1, last: .zero), from: n3)
        #expect(stage.sent(n2, to: n3) == [.voteAnswer(1, false)])
    }

    @Test("An answer that names less than is known lowers nothing and sends nothing again")
    func partialAnswers() {
        let stage = Stage(3)
        stage.elect(n1)
        for command in ["a", "b", "c"] { stage.submit(n1, command) }
        stage.take()
        stage.tell(n1, .matched(1, 3), from: n2)
        stage.tell(n1, .matched(1, 1), from: n2)
        #expect(stage[n1].raft.peers[0].match == LogIndex(3))
        #expect(stage[n1].raft.peers[0].next == LogIndex(5))
        #expect(stage.sent(n1, to: n2).isEmpty)
        #expect(stage[n1].raft.droppedMessages == 0)
    }

    @Test("A probe that is answered before its entries are durable repeats them once at most")
    func partialAnswerToAProbe() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        stage.submit(n1, "a")
        stage.take()
        for _ in 0..<5 { stage.tell(n1, .matched(1, 0), from: n2) }
        let repeated = stage.sent(n1, to: n2).compactMap(\.asAppendEntries?.entries.text)
        #expect(repeated == ["1:- 1:a"])
        #expect(stage[n1].raft.peers[0].match == .zero)
        stage.tell(n1, .matched(1, 2), from: n2)
        #expect(stage[n1].raft.commit == LogIndex(2))
    }

    @Test("A follower that is behind has not caught up before that much is durable")
    func progress() {
        let log = "1:- " + (0..<300).map { _ in "1:x" }.joined(separator: " ")
        let stage = Stage(3, disks: [n1: StagedDisk(log: log), n3: StagedDisk(log: log)])
        stage.mute(n1, n2)
        stage.elect(n1)
        stage.unmute(n1, n2)
        stage.withhold(n2)
        stage[n1].notices = []
        stage.run(for: .milliseconds(100))
        stage.persist(n2)
        stage.run(for: .milliseconds(100))
        #expect(stage[n2].raft.log.lastIndex == stage[n1].raft.log.lastIndex)
        #expect(stage[n1].notices == [.behind(n2, entries: 302)])
        stage.release(n2)
        stage.run(for: .milliseconds(100))
        #expect(stage[n1].notices == [.behind(n2, entries: 302), .caughtUp(n2)])
    }
}
