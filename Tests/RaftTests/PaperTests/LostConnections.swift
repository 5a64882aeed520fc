import Primitives
import Testing

@testable import Raft

/// Elections that begin with the end of the leader's connection instead of a timer.
@Suite struct LostConnections {
    private let step = Timing.standard.successionStep

    @Test("The server after the lost leader asks at once, the next ones a step later each")
    func succession() {
        for leader in [n1, n2, n3, n4, n5] {
            let stage = Stage(5)
            stage.elect(leader)
            stage.run(for: .milliseconds(20))
            let ids = stage.players.map(\.id)
            let place = ids.firstIndex(of: leader)!
            stage.crash(leader)
            for rank in 0..<4 {
                let heir = stage[ids[(place + 1 + rank) % 5]]
                if rank == 0 {
                    #expect(heir.raft.role == .precandidate(ballot(of: (place + 1) % 5)))
                } else {
                    #expect(heir.raft.role == .follower && heir.raft.leader == nil)
                    #expect(heir.raft.deadline == stage.now + step * rank)
                }
            }
            stage.deliver()
            #expect(stage[ids[(place + 1) % 5]].raft.role == .leader, "without any timer")
        }
    }

    @Test("Where the first in line is gone, too, the second stands a step later")
    func secondInLine() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.crash(n2)
        let start = stage.now
        stage.crash(n1)
        stage.deliver()
        #expect(stage.players.allSatisfy { $0.raft.role != .leader || !$0.isUp })
        stage.run(for: step * 2)
        #expect(stage[n3].raft.role == .leader)
        #expect(stage.now.since(start) < .milliseconds(50))
    }

    @Test("A lost connection never makes a timer later")
    func neverLater() {
        let stage = Stage(5)
        stage.elect(n1)
        let deadline = stage[n5].raft.deadline
        stage.now = Instant(nanoseconds: deadline.nanoseconds - 1)
        stage.turn(n5, .connectionLost(n1))
        #expect(stage[n5].raft.deadline == deadline)
    }

    @Test("Another follower's connection that ends leads to nothing")
    func otherConnections() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.take()
        let deadline = stage[n2].raft.deadline
        stage.cut(n2, n3)
        #expect(stage[n2].raft.deadline == deadline && stage[n2].raft.leader == n1)
        #expect(stage.inFlight.isEmpty)
        stage.turn(n2, .connectionLost(n5))
        #expect(stage[n2].raft.leader == n1)
    }

    @Test("A follower that alone lost the leader is refused and finds back")
    func aloneIsRefused() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.cut(n1, n2)
        stage.deliver()
        #expect(stage[n2].raft.role == .precandidate(ballot(of: 1)))
        #expect(stage[n1].raft.role == .leader && stage[n3].raft.leader == n1)
        stage.connect(n1, n2)
        stage.deliver()
        #expect(stage[n2].raft.role == .follower && stage[n2].raft.leader == n1)
        #expect(stage[n1].raft.term == Term(1))
    }

    @Test("A question refused only for the leader's sake is answered when that leader is lost")
    func keptQuestion() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.cut(n1, n2)
        stage.deliver()
        #expect(stage[n2].raft.role == .precandidate(ballot(of: 1)))
        stage.now = stage.now + Timing.standard.heartbeat
        stage.cut(n1, n3)
        #expect(stage.sent(n3, to: n2) == [.preVoteAnswer(1, askedIn: 1, true)])
        stage.deliver()
        #expect(stage[n2].raft.role == .leader && stage[n2].raft.term == Term(2))
    }

    @Test("A question is kept for one heartbeat, and answered once")
    func questionsAge() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.take()
        let last = entry(1, term: 1)
        stage.tell(n5, .preVote(1, last: last), from: n2)
        stage.take()
        stage.now = stage.now + Timing.standard.heartbeat + Timespan(nanoseconds: 1)
        stage.turn(n5, .connectionLost(n1))
        #expect(stage.sent(n5, .preVoteReply).isEmpty)
        stage.turn(n5, .received(.append(1, after: last), from: n1))
        stage.take()
        stage.tell(n5, .preVote(1, last: last), from: n2)
        stage.turn(n5, .connectionLost(n1))
        stage.turn(n5, .connectionLost(n1))
        #expect(stage.sent(n5, to: n2).map(\.kind) == [.preVoteReply, .preVoteReply])
        #expect(stage.sent(n5, to: n2).last == .preVoteAnswer(1, askedIn: 1, true))
    }

    @Test("A question refused for its log's or term's sake is not kept")
    func hopelessQuestions() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.take()
        stage.tell(n5, .preVote(1), from: n2)
        stage.tell(n5, .preVote(0, last: entry(9, term: 0)), from: n3)
        stage.take()
        stage.turn(n5, .connectionLost(n1))
        #expect(stage.sent(n5, .preVoteReply).isEmpty)
    }
}
