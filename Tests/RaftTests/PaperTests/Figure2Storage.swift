import Primitives
import Testing

@testable import Raft

/// Raft figure 2, "persistent state": on stable storage before anybody is answered.
@Suite struct Figure2Storage {
    @Test("Figure 2: a vote is on disk before it is told")
    func voteWaits() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .vote(1), from: n1)
        #expect(stage.sent(n2).isEmpty)
        #expect(stage[n2].unsynced?.hardState == HardState(term: Term(1), vote: n1))
        stage.persist(n2)
        #expect(stage.sent(n2, to: n1) == [.voteAnswer(1, true)])
    }

    @Test("Figure 2: a new term is on disk before a refusal tells it")
    func refusalWaits() {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:a 1:b")])
        stage.withhold(n2)
        stage.tell(n2, .vote(2, last: entry(1, term: 1)), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.persist(n2)
        #expect(stage.sent(n2) == [.voteAnswer(2, false)])
    }

    @Test("Figure 2: entries are on disk before they are acknowledged")
    func acknowledgementWaits() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .append(1, "1:- 1:a"), from: n1)
        #expect(stage.sent(n2).isEmpty)
        #expect(stage[n2].unsynced?.entries.map(\.description) == ["1:-", "1:a"])
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 2)])
    }

    @Test("Figure 2: what was known before is acknowledged without a write")
    func nothingNew() {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:- 1:a")])
        stage.withhold(n2)
        stage.tell(n2, .append(1, "1:- 1:a"), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 2)])
        #expect(stage[n2].writes.isEmpty)
    }

    @Test("Figure 2: a candidate asks for votes once its term and own vote are on disk")
    func candidacyWaits() {
        let stage = Stage(3)
        stage.withhold(n1)
        stage.makeCandidate(n1)
        #expect(stage[n1].raft.term == Term(1))
        #expect(stage.sent(n1, .voteRequest).isEmpty)
        stage.tell(n1, .voteAnswer(1, true), from: n2)
        stage.tell(n1, .voteAnswer(1, true), from: n3)
        #expect(stage[n1].raft.role == .candidate(ballot(of: 1, 2)), "its own vote is not on disk")
        stage.persist(n1)
        #expect(stage.sent(n1, .voteRequest).count == 2)
        #expect(stage[n1].raft.role == .leader)
        #expect(stage[n1].disk.hardState == HardState(term: Term(1), vote: n1))
    }

    @Test("Figure 2: a candidate that crashes before its vote is on disk has asked nobody")
    func lostCandidacy() {
        let stage = Stage(3)
        stage.withhold(n1)
        stage.makeCandidate(n1)
        stage.crash(n1)
        stage.restart(n1)
        #expect(stage[n1].raft.term == .zero && stage[n1].raft.vote == nil)
        #expect(stage.sent(n1, .voteRequest).isEmpty)
    }

    @Test("Figure 2: a vote that never reached the disk was never told, and may be given anew")
    func lostVote() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .vote(1), from: n1)
        stage.crash(n2)
        #expect(stage.sent(n2).isEmpty)
        stage.restart(n2)
        stage.tell(n2, .vote(1), from: n3)
        #expect(stage.sent(n2, to: n3, .voteReply) == [.voteAnswer(1, true)])
    }

    @Test("Figure 2: after a restart a vote still binds, for its term")
    func voteSurvives() {
        let stage = Stage(3, disks: [n2: StagedDisk(term: 4, vote: n1)])
        stage.tell(n2, .vote(4, last: entry(9, term: 3)), from: n3)
        #expect(stage.sent(n2) == [.voteAnswer(4, false)])
        stage.take()
        stage.tell(n2, .vote(4), from: n1)
        #expect(stage.sent(n2) == [.voteAnswer(4, true)])
        stage.take()
        stage.tell(n2, .vote(5), from: n3)
        #expect(stage.sent(n2) == [.voteAnswer(5, true)])
    }

    @Test("Figure 2: a candidate that restarts does not stand in the same term again")
    func candidateRestarts() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        let requests = stage.take { $0.message.kind == .voteRequest }
        stage.crash(n1)
        stage.restart(n1)
        for request in requests { stage.tell(request.to, request.message, from: n1) }
        stage.deliver { $0.message.kind == .voteReply }
        #expect(stage[n1].raft.role == .follower, "the votes were for what it was before")
        stage.makeCandidate(n1)
        #expect(stage[n1].raft.term == Term(2))
    }

    @Test("Figure 2: one write is under way at a time, and what comes meanwhile makes the next")
    func oneWrite() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        let before = stage[n1].writes.count
        stage.submit(n1, "a")
        stage.submit(n1, "b")
        stage.submit(n1, "c")
        #expect(stage[n1].writes.count == before + 1)
        stage.persist(n1)
        #expect(stage[n1].writes.count == before + 2)
        #expect(stage[n1].writes.last?.entries.map(\.description) == ["1:b", "1:c"])
        #expect(stage[n1].disk.entries.map(\.description) == ["1:-", "1:a"])
        stage.persist(n1)
        #expect(stage[n1].disk.entries.count == 4)
    }

    @Test("Figure 2: an acknowledgement waits for its own entries, not for an earlier write")
    func laterWrite() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .append(1, "1:-"), from: n1)
        stage.tell(n2, .append(1, after: entry(1, term: 1), "1:a"), from: n1)
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 1)])
        stage.persist(n2)
        #expect(stage.sent(n2) == [.matched(1, 1), .matched(1, 2)])
    }

    @Test("Figure 2: an entry that replaced one under way to the disk waits for its own write")
    func replacedUnderway() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .append(1, "1:- 1:a"), from: n1)
        stage.tell(n2, .append(2, "1:- 2:-"), from: n3)
        #expect(stage[n2].log == "1:- 2:-")
        stage.persist(n2)
        #expect(stage[n2].raft.durableThrough == LogIndex(1), "entry 2 of term 1 counts no more")
        #expect(stage.sent(n2, to: n3).isEmpty)
        stage.persist(n2)
        #expect(stage[n2].raft.durableThrough == LogIndex(2))
        #expect(stage.sent(n2, to: n3) == [.matched(2, 2)])
        #expect(stage[n2].disk.entries.map(\.description) == ["1:-", "2:-"])
    }

    @Test("Thesis §10.2.1: a leader sends its entries before they are on its own disk")
    func leaderWritesInParallel() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        stage.submit(n1, "a")
        #expect(stage.sent(n1, .appendEntries).count == 2)
        stage.deliver { $0.from == n2 || $0.to == n2 }
        #expect(stage[n1].raft.commit == LogIndex(1), "the leader's copy does not count yet")
        stage.persist(n1)
        #expect(stage[n1].raft.commit == LogIndex(2))
    }

    @Test("Thesis §10.2.1: a majority of followers commits without the leader's disk")
    func followersSuffice() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        stage.submit(n1, "a")
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(2))
        #expect(stage[n1].raft.durableThrough == LogIndex(1))
    }

    @Test("Thesis §9.6: a pre-vote promises nothing and waits for no disk")
    func preVoteWaitsForNothing() {
        let stage = Stage(3)
        stage.withhold(n2)
        stage.tell(n2, .vote(1), from: n1)
        stage.tell(n2, .preVote(1), from: n3)
        #expect(stage.sent(n2) == [.preVoteAnswer(1, askedIn: 1, true)])
    }

    @Test("A cluster of one obeys the same rules: its vote, then its entries, then the commit")
    func alone() {
        let stage = Stage(1)
        stage.withhold(n1)
        stage.expire(n1)
        #expect(stage[n1].raft.role == .candidate(ballot()))
        stage.persist(n1)
        #expect(stage[n1].raft.role == .leader)
        #expect(stage[n1].raft.commit == .zero)
        stage.persist(n1)
        #expect(stage[n1].raft.commit == LogIndex(1))
        stage.submit(n1, "a")
        #expect(stage[n1].accepted == entry(2, term: 1))
        #expect(stage[n1].raft.commit == LogIndex(1), "not before its log is synced")
        stage.persist(n1)
        #expect(stage[n1].raft.commit == LogIndex(2))
        stage.read(n1, 1)
        #expect(stage[n1].readsReady.map(\.index) == [LogIndex(2)])
        stage.run(for: .milliseconds(1_000))
        #expect(stage[n1].raft.role == .leader, "it is a quorum by itself")
    }

    @Test("A leader whose commit index counts its own disk does not commit what a crash could take")
    func oneOfThreeWithheld() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        stage.withhold(n2)
        stage.isolate(n3)
        stage.submit(n1, "a")
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(1))
        stage.persist(n1)
        #expect(stage[n1].raft.commit == LogIndex(1))
        stage.persist(n2)
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(2))
    }
}
