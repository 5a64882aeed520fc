import Primitives
import Testing

@testable import Raft

/// Raft §5.2: leader election.
@Suite struct Section52Elections {
    @Test("§5.2 A server stays a follower as long as it hears its leader")
    func staysFollower() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.run(for: .milliseconds(10_000))
        #expect(stage.players.map { $0.raft.role } == [.leader, .follower, .follower])
        #expect(stage.players.allSatisfy { $0.raft.term == Term(1) && $0.raft.leader == n1 })
    }

    @Test("§5.2 A leader speaks to all at the beginning, and again within every heartbeat")
    func heartbeats() {
        let stage = Stage(5)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        #expect(stage[n1].raft.role == .leader)
        #expect(stage.sent(n1, .appendEntries).count == 4)
        stage.deliver()
        stage.run(for: .milliseconds(10))
        for _ in 0..<5 {
            let before = stage.now
            stage.expire(n1)
            #expect(stage.now.since(before) <= Timing.standard.heartbeat)
            for follower in [n2, n3, n4, n5] {
                #expect(stage.sent(n1, to: follower).first?.asAppendEntries?.entries.count == 0)
            }
            stage.deliver()
        }
    }

    @Test("§5.2 A follower that hears nothing for an election timeout wants an election")
    func timesOut() {
        let stage = Stage(3)
        let deadline = stage[n1].raft.deadline
        stage.now = Instant(nanoseconds: deadline.nanoseconds - 1)
        stage.turn(n1, .deadlineReached)
        #expect(stage[n1].raft.role == .follower)
        stage.now = deadline
        stage.turn(n1, .deadlineReached)
        #expect(stage[n1].raft.role == .precandidate(ballot(of: 0)))
    }

    @Test("§5.2 A candidate raises its term, votes for itself and asks all the others")
    func campaigns() {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:- 3:a", term: 4, vote: n2)])
        stage.expire(n1)
        stage.take()
        stage.tell(n1, .preVoteAnswer(4, askedIn: 4, true), from: n3)
        #expect(stage[n1].raft.term == Term(5) && stage[n1].raft.vote == n1)
        for peer in [n2, n3] {
            #expect(stage.sent(n1, to: peer) == [.vote(5, last: entry(2, term: 3))])
        }
    }

    @Test("§5.2 The votes of a majority make a leader, fewer do not", arguments: [2, 3, 4, 5])
    func majority(voters: Int) {
        let stage = Stage(voters)
        stage.makeCandidate(n1)
        stage.take()
        let others = stage.players.dropFirst().map(\.id)
        for (position, voter) in others.enumerated() {
            #expect((stage[n1].raft.role == .leader) == (position + 1 >= voters / 2 + 1))
            stage.tell(n1, .voteAnswer(1, true), from: voter)
        }
        #expect(stage[n1].raft.role == .leader)
    }

    @Test("§5.2 A vote counts once, however often it arrives, and a refusal never")
    func countsOnce() {
        let stage = Stage(5)
        stage.makeCandidate(n1)
        stage.take()
        for _ in 0..<5 { stage.tell(n1, .voteAnswer(1, true), from: n2) }
        stage.tell(n1, .voteAnswer(1, false), from: n3)
        stage.tell(n1, .voteAnswer(1, false), from: n4)
        #expect(stage[n1].raft.role == .candidate(ballot(of: 0, 1)))
        stage.tell(n1, .voteAnswer(1, true), from: n5)
        #expect(stage[n1].raft.role == .leader)
    }

    @Test("§5.2 A server votes for at most one candidate a term, the first to ask")
    func firstComeFirstServed() {
        let stage = Stage(3)
        stage.tell(n3, .vote(1), from: n1)
        stage.tell(n3, .vote(1, last: entry(5, term: 1)), from: n2)
        stage.tell(n3, .vote(1), from: n1)
        #expect(stage.sent(n3, to: n1) == [.voteAnswer(1, true), .voteAnswer(1, true)])
        #expect(stage.sent(n3, to: n2) == [.voteAnswer(1, false)])
        #expect(stage[n3].writes.count == 1, "the vote is written once")
    }

    @Test("§5.2 A candidate votes for no other candidate of its term")
    func candidateRefuses() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.take()
        stage.tell(n1, .vote(1), from: n2)
        #expect(stage.sent(n1) == [.voteAnswer(1, false)])
    }

    @Test("§5.2 A candidate that hears the leader of its term follows it")
    func candidateFollows() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.tell(n1, .append(1, "1:-"), from: n2)
        #expect(stage[n1].raft.role == .follower && stage[n1].raft.leader == n2)
        stage.tell(n1, .voteAnswer(1, true), from: n3)
        #expect(stage[n1].raft.role == .follower, "late votes make no second leader")
    }

    @Test("§5.2 A candidate refuses the leader of an older term and goes on")
    func candidateGoesOn() {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:-")])
        stage.makeCandidate(n1)
        stage.take()
        stage.tell(n1, .append(1, after: entry(1, term: 1)), from: n2)
        #expect(stage[n1].raft.role == .candidate(ballot(of: 0)))
        #expect(stage.sent(n1).first?.asAppendReply?.term == Term(2))
    }

    @Test("§5.2 After a split vote nobody leads, and timeouts lead to an election in a later term")
    func splitVote() {
        let stage = Stage(4)
        stage.expire(n1)
        stage.expire(n2)
        stage.deliver { packet in
            [.preVoteRequest, .preVoteReply].contains(packet.message.kind)
                && Set([packet.from, packet.to]) != [n1, n2]
        }
        stage.deliverOnce { $0.from == n1 && $0.to == n3 }
        stage.deliverOnce { $0.from == n2 && $0.to == n4 }
        stage.deliver()
        #expect(stage.players.allSatisfy { $0.raft.role != .leader })
        #expect(stage.players.allSatisfy { $0.raft.term == Term(1) })
        stage.run(for: .milliseconds(2_000))
        #expect(stage.players.count { $0.raft.role == .leader } == 1)
        #expect(stage.players.allSatisfy { $0.raft.term >= Term(2) })
    }

    @Test("§5.2 Election timeouts are drawn anew and fill their range")
    func randomTimeouts() {
        let stage = Stage(3)
        let range = Timing.standard.election
        var spans: [Timespan] = []
        for _ in 0..<500 {
            stage.take()
            stage.tell(n1, .append(1), from: n2)
            spans.append(stage[n1].raft.deadline.since(stage.now))
        }
        #expect(spans.allSatisfy { range.contains($0) })
        #expect(Set(spans).count > 490)
        #expect(spans.min()! < .milliseconds(155) && spans.max()! > .milliseconds(295))
        let quarters = Set(spans.map { ($0.wholeMilliseconds - 150) / 38 })
        #expect(quarters.isSuperset(of: [0, 1, 2, 3]))
    }

    @Test("§5.2 Servers with different seeds draw different timeouts, equal seeds the same")
    func seeds() {
        let (first, second) = (Stage(5), Stage(5))
        let deadlines = first.players.map { $0.raft.deadline.nanoseconds }
        #expect(Set(deadlines).count == 5)
        #expect(deadlines == second.players.map { $0.raft.deadline.nanoseconds })
    }

    @Test("§5.2 Giving a vote restarts the timer, refusing one does not")
    func voteAndTimer() {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:a")])
        let before = stage[n1].raft.deadline
        stage.now = stage.now + .milliseconds(140)
        stage.tell(n1, .vote(2), from: n2)
        #expect(stage[n1].raft.deadline == before)
        stage.tell(n1, .vote(3, last: entry(1, term: 1)), from: n2)
        #expect(stage[n1].raft.deadline >= stage.now + Timing.standard.election.lowerBound)
    }

    @Test("§5.2 The current leader's messages restart the timer, an older leader's do not")
    func leaderAndTimer() {
        let stage = Stage(3, disks: [n1: StagedDisk(term: 3)])
        let before = stage[n1].raft.deadline
        stage.now = stage.now + .milliseconds(140)
        stage.tell(n1, .append(2), from: n2)
        #expect(stage[n1].raft.deadline == before)
        stage.tell(n1, .append(3), from: n2)
        #expect(stage[n1].raft.deadline >= stage.now + Timing.standard.election.lowerBound)
    }

    @Test("§5.2 A candidate's timer leads to a new election if nobody wins")
    func candidateTimesOut() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.take()
        stage.makeCandidate(n1)
        #expect(stage[n1].raft.term == Term(2) && stage[n1].raft.vote == n1)
        #expect(stage.sent(n1, .voteRequest) == [.vote(2), .vote(2)])
        stage.take()
        stage.tell(n1, .voteAnswer(1, true), from: n2)
        #expect(stage[n1].raft.role == .candidate(ballot(of: 0)), "a vote of the lost election")
    }

    @Test("§5.2 A new leader's first message ends the others' elections")
    func establishesAuthority() {
        let stage = Stage(3)
        stage.expire(n2)
        stage.take()
        stage.elect(n1)
        #expect(stage[n2].raft.role == .follower && stage[n2].raft.leader == n1)
    }

    @Test("§5.2 A candidate asks a peer that comes into reach during its election")
    func asksLatecomers() {
        let stage = Stage(3)
        stage.isolate(n3)
        stage.mute(n1, n2)
        stage.expire(n1)
        stage.deliver()
        #expect(stage[n1].raft.role == .precandidate(ballot(of: 0)))
        stage.connect(n1, n3)
        stage.deliver()
        #expect(stage[n1].raft.role == .leader)
    }
}
