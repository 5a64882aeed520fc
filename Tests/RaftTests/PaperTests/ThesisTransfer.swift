import Primitives
import Testing

@testable import Raft

/// Leadership transfer (thesis §3.10).
@Suite struct ThesisTransfer {
    private func led(by leader: NodeID, of count: Int = 3) -> Stage {
        let stage = Stage(count)
        stage.elect(leader)
        stage.submit(leader, "a", "b")
        stage.deliver()
        return stage
    }

    @Test("The target leads the next term without a timer or a pre-vote, with nothing lost")
    func aTransfer() {
        let stage = led(by: n1)
        let start = stage.now
        stage.turn(n1, .transferRequested(to: n3))
        #expect(stage.sent(n1, .timeoutNow) == [.timeoutNow(1, 1, last: entry(3, term: 1))])
        stage.deliver()
        #expect(stage[n3].raft.role == .leader && stage[n3].raft.term == Term(2))
        #expect(stage[n1].raft.role == .follower && stage[n1].raft.leader == n3)
        #expect(stage.now == start, "no timer was needed")
        #expect(stage.logs == Array(repeating: "1:- 1:a 1:b 2:-", count: 3))
        stage.submit(n3, "c")
        stage.deliver()
        #expect(stage[n3].raft.commit == LogIndex(5))
    }

    @Test("The target is told only when its disk holds the whole log")
    func theTargetCatchesUpFirst() {
        let stage = led(by: n1)
        stage.withhold(n3)
        stage.submit(n1, "c")
        stage.turn(n1, .transferRequested(to: n3))
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(4), "n2 and n1 commit without n3")
        #expect(stage[n1].raft.role == .leader && stage.sent(n1, .timeoutNow).isEmpty)
        stage.release(n3)
        stage.deliver()
        #expect(stage[n3].raft.role == .leader)
    }

    @Test("A leader that transfers takes no commands")
    func noCommandsMeanwhile() {
        let stage = led(by: n1)
        stage.turn(n1, .transferRequested(to: n2))
        stage[n1].accepted = nil
        stage.submit(n1, "c")
        #expect(stage[n1].accepted == nil && stage[n1].raft.log.lastIndex == LogIndex(3))
    }

    @Test("The target's term and vote are on its disk before it asks for votes")
    func theVoteIsDurableFirst() {
        let stage = led(by: n1)
        stage.withhold(n2)
        stage.turn(n1, .transferRequested(to: n2))
        stage.deliver()
        #expect(stage[n2].raft.role == .candidate(Ballot()) && stage.sent(n2, .voteRequest).isEmpty)
        stage.release(n2)
        #expect(stage.sent(n2, .voteRequest).count == 2)
    }

    @Test("Where nothing comes of it within an election timeout, the leader goes on leading")
    func anAbandonedTransfer() {
        let stage = led(by: n1)
        stage.turn(n1, .transferRequested(to: n2))
        let order = stage.take { $0.message.kind == .timeoutNow }[0]
        stage.run(for: Timing.standard.election.lowerBound)
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.isTransferring == false)
        #expect(stage[n1].raft.term == Term(1))
        stage.submit(n1, "c")
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(4), "commands are taken again")
        // The order was under way all the time; a heartbeat has said that it is void.
        stage.tell(n2, order.message, from: n1)
        #expect(stage[n2].raft.role == .follower && stage[n2].raft.term == Term(1))
    }

    @Test("An order that comes late is void even where the log has not changed since")
    func aLateOrder() {
        let stage = led(by: n1)
        stage.turn(n1, .transferRequested(to: n2))
        let order = stage.take { $0.message.kind == .timeoutNow }[0]
        stage.run(for: Timing.standard.election.lowerBound + Timing.standard.heartbeat)
        #expect(stage[n2].raft.log.last == stage[n1].raft.log.last)
        stage.tell(n2, order.message, from: n1)
        #expect(stage[n2].raft.role == .follower)
        // The next attempt has another number.
        stage.turn(n1, .transferRequested(to: n2))
        stage.deliver()
        #expect(stage[n2].raft.role == .leader)
    }

    @Test("An order that comes twice, in another term, or from no leader changes nothing")
    func ordersThatMeanNothing() {
        let stage = led(by: n1)
        stage.turn(n1, .transferRequested(to: n2))
        let order = stage.take { $0.message.kind == .timeoutNow }[0].message
        stage.tell(n2, order, from: n3)
        #expect(stage[n2].raft.role == .follower, "n3 does not lead")
        stage.tell(n2, .timeoutNow(1, 1, last: entry(2, term: 1)), from: n1)
        #expect(stage[n2].raft.role == .follower, "its log ends elsewhere")
        stage.tell(n2, order, from: n1)
        #expect(stage[n2].raft.term == Term(2))
        stage.tell(n2, order, from: n1)
        #expect(stage[n2].raft.term == Term(2), "the second one is of an old term")
        stage.deliver()
        #expect(stage[n2].raft.role == .leader && stage[n2].raft.term == Term(2))
        stage.tell(n2, .timeoutNow(2, 1, last: stage[n2].raft.log.last), from: n1)
        #expect(stage[n2].raft.role == .leader && stage[n2].raft.term == Term(2))
    }

    @Test("The end of the target's connection ends the transfer at once")
    func aLostTarget() {
        let stage = led(by: n1)
        stage.withhold(n2)
        stage.submit(n1, "c")
        stage.turn(n1, .transferRequested(to: n2))
        stage.cut(n1, n2)
        #expect(stage[n1].raft.isTransferring == false && stage[n1].raft.role == .leader)
    }

    @Test("Only a leader transfers, and only to a connected voter")
    func refusedTransfers() {
        let stage = led(by: n1)
        stage.turn(n2, .transferRequested(to: n3))
        #expect(stage[n2].raft.isTransferring == false)
        stage.turn(n1, .transferRequested(to: n5))
        #expect(stage[n1].raft.isTransferring == false)
        stage.turn(n1, .transferRequested(to: n1))
        #expect(stage[n1].raft.isTransferring == false)
        stage.crash(n2)
        stage.turn(n1, .transferRequested(to: n2))
        #expect(stage[n1].raft.isTransferring == false)
    }

    @Test("The successor is the follower with the longest log on its disk")
    func theSuccessor() {
        let stage = led(by: n1, of: 5)
        stage.withhold(n2)
        stage.submit(n1, "c")
        stage.deliver()
        #expect(stage[n1].raft.successor(excluding: [], at: stage.now) == n3)
        #expect(stage[n1].raft.successor(excluding: [n3, n4], at: stage.now) == n5)
        #expect(stage[n1].raft.successor(excluding: [n3, n4, n5], at: stage.now) == n2)
        #expect(stage[n1].raft.successor(excluding: [n2, n3, n4, n5], at: stage.now) == nil)
        #expect(stage[n3].raft.successor(excluding: [], at: stage.now) == nil)
    }

    @Test("A server that is about to end never campaigns, and still votes")
    func aStoppingServer() {
        let stage = led(by: n1)
        stage.turn(n2, .stopRequested)
        #expect(stage[n2].raft.deadline == .never)
        stage.turn(n1, .transferRequested(to: n2))
        stage.deliver()
        #expect(stage[n2].raft.role == .follower && stage[n1].raft.role == .leader)
        stage.crash(n1)
        stage.run(for: Timing.standard.election.upperBound)
        #expect(stage[n2].raft.role == .follower && stage[n3].raft.role == .leader)
    }
}
