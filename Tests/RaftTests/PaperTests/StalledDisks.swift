import Primitives
import Testing

@testable import Raft

/// A server whose disk makes no progress neither leads nor asks for votes (hashicorp/raft issue 503).
@Suite struct StalledDisks {
    private let timeout = Timing.standard.election.upperBound
    private var justBefore: Timespan { Timespan(nanoseconds: timeout.nanoseconds - 1) }

    private func stalls(_ stage: Stage, _ id: NodeID) -> Int {
        stage[id].notices.count {
            if case .diskStalled = $0 { true } else { false }
        }
    }

    private func elections(_ stage: Stage, _ id: NodeID) -> Int {
        stage[id].notices.count {
            if case .electionStarted = $0 { true } else { false }
        }
    }

    @Test("A leader whose disk makes no progress steps down after the longest election timeout")
    func leaderStepsDown() {
        let timing = Timing(
            heartbeat: .milliseconds(70), election: .milliseconds(150)...(.milliseconds(300)))
        let stage = Stage(3, timing: timing)
        stage.elect(n1)
        stage.withhold(n1)
        stage.submit(n1, "a")
        stage.run(for: justBefore)
        #expect(stage[n1].raft.role == .leader)
        #expect(stage[n1].raft.commit == LogIndex(2), "its followers' disks suffice")
        stage.run(for: Timespan(nanoseconds: 1))
        #expect(stage[n1].raft.role == .follower && stage[n1].raft.term == Term(1))
        #expect(stage[n1].notices.last == .diskStalled(timeout))
    }

    @Test("The others elect one of them, and the stalled server follows without a word")
    func othersGoOn() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        stage.submit(n1, "a")
        stage.run(for: timeout * 4)
        let leaders = stage.players.filter { $0.raft.role == .leader }
        #expect(leaders.count == 1 && leaders.first?.id != n1)
        #expect(stage[n1].raft.leader == leaders.first?.id)
        #expect(stalls(stage, n1) == 1)
        let leader = leaders[0].id
        stage.submit(leader, "b")
        stage.deliver()
        #expect(stage[leader].raft.commit == stage[leader].raft.log.lastIndex)
        stage.release(n1)
        stage.run(for: timeout)
        #expect(stage[n1].disk.entries == stage[leader].disk.entries)
        #expect(stage[leader].raft.role == .leader, "nothing has changed since")
    }

    /// A follower whose disk holds the first entry and does not answer for the second.
    private func withheld() -> Stage {
        let stage = Stage(3)
        stage.tell(n2, .append(1, "1:-"), from: n1)
        stage.withhold(n2)
        stage.tell(n2, .append(1, after: entry(1, term: 1), "1:a"), from: n1)
        return stage
    }

    @Test("A server with a stalled disk asks for no votes until the disk has answered")
    func noElections() {
        let stage = withheld()
        stage.now = stage.now + timeout
        stage.take()
        for _ in 0..<20 { stage.expire(n2) }
        #expect(stage[n2].raft.role == .follower && stage.sent(n2, .preVoteRequest).isEmpty)
        #expect(stalls(stage, n2) == 1 && elections(stage, n2) == 0)
        let stalled = stage.now.since(Instant(nanoseconds: 1_000_000_000))
        stage.persist(n2)
        #expect(stage[n2].notices.last == .diskRecovered(stalled))
        stage.expire(n2)
        #expect(stage.sent(n2, .preVoteRequest).count == 2)
    }

    @Test("Pre-votes that arrive after the disk has stalled lead to no candidacy")
    func lateWelcome() {
        let stage = withheld()
        let start = stage.now
        stage.turn(n2, .connectionLost(n1))
        #expect(stage.sent(n2, .preVoteRequest).count == 2 || stage.now < stage[n2].raft.deadline)
        if stage[n2].raft.role == .follower { stage.expire(n2) }
        #expect(stage[n2].raft.role == .precandidate(ballot(of: 1)))
        stage.now = start + timeout
        stage.tell(n2, .preVoteAnswer(1, askedIn: 1, true), from: n3)
        #expect(stage[n2].raft.term == Term(1))
        stage.take()
        stage.turn(n2, .connectionLost(n3))
        stage.turn(n2, .connected(n3))
        #expect(stage.sent(n2, .preVoteRequest).isEmpty)
    }

    @Test("A lost connection to the leader makes a server with a stalled disk ask for nothing")
    func lostLeader() {
        let stage = withheld()
        stage.now = stage.now + timeout
        stage.take()
        stage.turn(n2, .connectionLost(n1))
        #expect(stage[n2].raft.role == .follower && stage.sent(n2, .preVoteRequest).isEmpty)
    }

    @Test("Thesis §3.10: an order to lead is refused while the disk is stalled")
    func noTransfer() {
        for isStalled in [false, true] {
            let stage = Stage(3)
            stage.tell(n2, .append(1, "1:-"), from: n1)
            stage.withhold(n2)
            stage.tell(n2, .append(1, after: entry(1, term: 1), "1:a"), from: n1)
            if isStalled { stage.now = stage.now + timeout }
            stage.tell(n2, .timeoutNow(1, 1, last: entry(2, term: 1)), from: n1)
            #expect(stage[n2].raft.term == Term(isStalled ? 1 : 2))
            #expect(stage[n2].raft.droppedMessages == (isStalled ? 1 : 0))
        }
    }

    @Test("A disk that answers within the timeout, again and again, deposes nobody")
    func slowIsNotStalled() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        for _ in 0..<30 {
            stage.submit(n1, "a")
            stage.run(for: justBefore)
            stage.persist(n1)
        }
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.term == Term(1))
        #expect(stalls(stage, n1) == 0)
    }

    @Test("A write of the host's own counts as one of the core's")
    func hostsWrite() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.withhold(n1)
        stage[n1].raft.hostHasMore = true
        stage.turn(n1)
        #expect(stage[n1].writes.last.map { $0.hardState == nil && $0.entries.isEmpty } == true)
        stage.run(for: timeout)
        #expect(stage[n1].raft.role == .follower)
    }

    @Test("What rests on term, vote or log does not wait for a write of the host's own")
    func promisesPassTheHostsWrite() {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:-")])
        stage.withhold(n2)
        stage[n2].raft.hostHasMore = true
        stage.turn(n2)
        #expect(stage[n2].unsynced != nil)
        stage.tell(n2, .vote(1, last: entry(1, term: 1)), from: n1)
        #expect(stage.sent(n2).isEmpty, "the vote itself is not on disk")
        stage.persist(n2)
        #expect(stage.sent(n2).isEmpty, "the host's write did not hold it")
        stage.persist(n2)
        #expect(stage.sent(n2) == [.voteAnswer(1, true)])
        stage.take()
        stage[n2].raft.hostHasMore = true
        stage.turn(n2)
        stage.tell(n2, .append(1, after: entry(1, term: 1)), from: n1)
        #expect(stage.sent(n2) == [.matched(1, 1)])
    }
}
