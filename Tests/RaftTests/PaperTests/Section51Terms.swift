import Primitives
import Testing

@testable import Raft

/// Raft §5.1 and "Rules for all servers" of figure 2: terms.
@Suite struct Section51Terms {
    @Test("§5.1 Servers start as followers in term 0 that know no leader")
    func start() {
        let stage = Stage(3)
        for player in stage.players {
            #expect(player.raft.role == .follower)
            #expect(player.raft.term == .zero && player.raft.vote == nil)
            #expect(player.raft.leader == nil)
        }
    }

    @Test(
        "§5.1 Whoever sees a larger term in any request or answer adopts it, with its vote unused",
        arguments: [
            Message.preVoteAnswer(7, askedIn: 2, false), .vote(7), .voteAnswer(7, false),
            .append(7), .matched(7, 0), .readIndex(7, 1), .readIndexAnswer(7, 1, index: 0),
        ])
    func adoptsLargerTerm(message: Message) {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:a 2:b", term: 2, vote: n3)])
        stage.tell(n1, message, from: n2)
        #expect(stage[n1].raft.term == Term(7))
        #expect(stage[n1].raft.vote == nil)
        #expect(stage[n1].disk.hardState == HardState(term: Term(7), vote: nil))
    }

    @Test("§5.1 A leader that sees a larger term becomes a follower at once")
    func leaderStepsDown() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.tell(n1, .voteAnswer(5, false), from: n3)
        #expect(stage[n1].raft.role == .follower)
        #expect(stage[n1].raft.leader == nil)
        #expect(stage[n1].raft.deadline > stage.now)
    }

    @Test("§5.1 A candidate that sees a larger term becomes a follower at once")
    func candidateStepsDown() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        #expect(stage[n1].raft.term == Term(1))
        stage.tell(n1, .voteAnswer(2, false), from: n3)
        #expect(stage[n1].raft.role == .follower)
        stage.deliver()
        #expect(stage[n1].raft.role == .follower)
        #expect(stage[n1].raft.term == Term(2))
    }

    @Test("§5.1 A request of an older term is refused, with the newer one in the answer")
    func staleRequests() throws {
        let disk = StagedDisk(log: "1:a 3:b", term: 4)
        let stage = Stage(3, disks: [n1: disk])
        stage.tell(n1, .vote(3, last: entry(9, term: 3)), from: n2)
        #expect(stage.sent(n1) == [.voteAnswer(4, false)])
        stage.take()
        stage.tell(n1, .append(3, after: entry(2, term: 3), "3:c", commit: 2), from: n2)
        let reply = try #require(stage.sent(n1).first?.asAppendReply)
        #expect(reply.term == Term(4))
        #expect(reply.outcome == .conflict(rejected: LogIndex(2), hint: entry(2, term: 3)))
        stage.take()
        stage.tell(n1, .preVote(3, last: entry(9, term: 3)), from: n2)
        #expect(stage.sent(n1) == [.preVoteAnswer(4, askedIn: 3, false)])
        #expect(stage[n1].raft.leader == nil && stage[n1].raft.commit == .zero)
        #expect(stage[n1].disk == disk)
    }

    @Test("§5.1 The answer to an old leader's message makes it step down")
    func oldLeaderLearns() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.isolate(n1)
        stage.elect(n2)
        stage.submit(n1, "lost")
        stage.rejoin(n1)
        stage.run(for: .milliseconds(50))
        #expect(stage[n1].raft.role == .follower)
        #expect(stage[n1].raft.leader == n2)
        #expect(stage.logs == ["1:- 2:-", "1:- 2:-", "1:- 2:-"])
    }

    @Test(
        "§5.1 An answer of an older term means nothing",
        arguments: [
            Message.voteAnswer(1, true), .matched(1, 2), .conflict(1, at: 1, hint: .zero),
            .readIndexAnswer(1, 1, index: 1), .preVoteAnswer(1, askedIn: 1, true),
        ])
    func staleAnswers(message: Message) {
        let disks = [n1, n2, n3].map { ($0, StagedDisk(log: "1:-")) }
        let stage = Stage(3, disks: Dictionary(uniqueKeysWithValues: disks))
        stage.makeCandidate(n1)
        stage.take()
        stage.tell(n1, message, from: n2)
        #expect(stage[n1].raft.role == .candidate(ballot(of: 0)))
        stage.tell(n1, .voteAnswer(2, true), from: n2)
        #expect(stage[n1].raft.role == .leader)
        stage.take()
        stage.tell(n1, message, from: n3)
        #expect(stage[n1].raft.role == .leader)
        #expect(stage[n1].raft.peers.allSatisfy { $0.match == .zero })
        #expect(stage[n1].raft.commit == .zero && stage[n1].readsReady.isEmpty)
        #expect(stage.inFlight.isEmpty)
    }

    @Test("§5.1 The term survives a restart and never falls")
    func termSurvives() {
        let stage = Stage(3)
        stage.tell(n1, .append(6), from: n2)
        stage.crash(n1)
        stage.restart(n1)
        #expect(stage[n1].raft.term == Term(6))
        stage.take()
        stage.tell(n1, .vote(5), from: n2)
        #expect(stage.sent(n1) == [.voteAnswer(6, false)])
    }
}

/// The ballot on which these positions have said yes.
func ballot(of positions: Int...) -> Ballot {
    var ballot = Ballot()
    for position in positions { ballot.grant(position) }
    return ballot
}
