import Primitives
import Testing

@testable import Raft

/// A server whose disk is full keeps its term and its votes, and takes no entries.
@Suite struct FullDisks {
    private let timeout = Timing.standard.election.upperBound

    @Test("A server with a full disk leaves elections to others, and not once there is room")
    func noElections() {
        let stage = Stage(3)
        stage.turn(n2, .diskFull(true))
        for _ in 0..<RaftLimits.timeoutsOnFullDisk { stage.expire(n2) }
        #expect(stage[n2].raft.role == .follower && stage.sent(n2, .preVoteRequest).isEmpty)
        stage.turn(n2, .diskFull(false))
        stage.expire(n2)
        #expect(stage.sent(n2, .preVoteRequest).count == 2)
    }

    @Test("Where nobody else stands it does, though its disk is full")
    func lastResort() {
        let stage = Stage(3)
        stage.turn(n2, .diskFull(true))
        for _ in 0..<RaftLimits.timeoutsOnFullDisk { stage.expire(n2) }
        stage.tell(n2, .append(1, "1:-"), from: n1)
        for _ in 0..<RaftLimits.timeoutsOnFullDisk { stage.expire(n2) }
        #expect(stage.sent(n2, .preVoteRequest).isEmpty, "a leader was heard")
        stage.expire(n2)
        #expect(stage.sent(n2, .preVoteRequest).count == 2)
        stage.run(for: timeout)
        #expect(stage[n2].raft.role == .leader && stage[n2].raft.hasRoomForEntries == false)
    }

    @Test("A leader knows whether a majority has room")
    func roomOfTheMajority() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.run(for: timeout)
        #expect(stage[n1].raft.hasRoomForEntries == true)
        stage.turn(n2, .diskFull(true))
        stage.run(for: timeout)
        #expect(stage[n1].raft.hasRoomForEntries == true)
        stage.turn(n3, .diskFull(true))
        stage.run(for: timeout)
        #expect(stage[n1].raft.hasRoomForEntries == false && stage[n1].raft.role == .leader)
        stage.turn(n3, .diskFull(false))
        stage.run(for: timeout)
        #expect(stage[n1].raft.hasRoomForEntries == true)
    }

    @Test("It still takes what stands before the entry that begins a term, within a bound")
    func takesATail() {
        let stage = Stage(3, bytesOnFullDisk: 3 * (EntryBatch.overhead + 1))
        stage.tell(n2, .append(1, "1:-"), from: n1)
        stage.turn(n2, .diskFull(true))
        stage.tell(n2, .append(2, after: entry(1, term: 1), "1:a 1:b 2:-"), from: n3)
        #expect(stage[n2].log == "1:- 1:a 1:b 2:-")
        stage.tell(n2, .append(2, after: entry(4, term: 2), "2:c 2:d"), from: n3)
        #expect(stage[n2].log == "1:- 1:a 1:b 2:- 2:c")
    }

    @Test("A candidate whose disk becomes full goes on, and leads servers whose disks are full")
    func candidacy() {
        let stage = Stage(3)
        stage.makeCandidate(n2)
        for id in [n1, n2, n3] { stage.turn(id, .diskFull(true)) }
        stage.run(for: timeout)
        #expect(stage[n2].raft.role == .leader && stage[n2].raft.commit == LogIndex(1))
    }

    @Test("It votes, and follows into a new term")
    func votes() {
        let stage = Stage(3)
        stage.turn(n2, .diskFull(true))
        stage.tell(n2, .vote(3), from: n1)
        #expect(stage.sent(n2, .voteReply) == [.voteAnswer(3, true)])
        #expect(stage[n2].disk.hardState == HardState(term: Term(3), vote: n1))
    }

    @Test("Thesis §3.10: an order to lead is refused while the disk is full")
    func noTransfer() {
        for isFull in [false, true] {
            let stage = Stage(3)
            stage.tell(n2, .append(1, "1:-"), from: n1)
            stage.turn(n2, .diskFull(isFull))
            stage.tell(n2, .timeoutNow(1, 1, last: entry(1, term: 1)), from: n1)
            #expect(stage[n2].raft.term == Term(isFull ? 1 : 2))
        }
    }

    @Test("It acknowledges what it holds, drops what is new, and says that it is full")
    func takesNothingNew() {
        let stage = Stage(3)
        stage.tell(n2, .append(1, "1:- 1:a"), from: n1)
        stage.turn(n2, .diskFull(true))
        stage.take()
        stage.tell(n2, .append(1, after: entry(1, term: 1), "1:a 1:b"), from: n1)
        let reply = AppendReply(
            term: Term(1), round: 0, outcome: .matched(LogIndex(2)), isDiskFull: true)
        #expect(stage.sent(n2) == [.appendReply(reply)])
        #expect(stage[n2].raft.log.lastIndex == LogIndex(2))
        // A conflict is not resolved either: that would have to be written.
        stage.tell(n2, .append(2, after: entry(1, term: 1), "2:b"), from: n3)
        #expect(stage[n2].raft.log.lastIndex == LogIndex(2) && stage[n2].raft.term == Term(2))
        // But for the entry that begins a term.
        stage.tell(n2, .append(2, after: entry(1, term: 1), "2:- 2:b"), from: n3)
        #expect(stage[n2].log == "1:- 2:-")
    }

    @Test(
        "Its leader sends it heartbeats alone, commits with the others, and goes on when it has room"
    )
    func leaderHoldsBack() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.run(for: timeout)
        stage.turn(n3, .diskFull(true))
        stage.submit(n1, "a")
        stage.run(for: timeout)
        #expect(stage[n1].raft.peers.map(\.isDiskFull) == [false, true])
        #expect(stage[n1].raft.commit == LogIndex(2) && stage[n3].raft.log.lastIndex == LogIndex(1))
        stage.take()
        for text in ["b", "c", "d"] { stage.submit(n1, text) }
        let sent = stage.sent(n1, to: n3).compactMap(\.asAppendEntries)
        #expect(sent.allSatisfy { $0.entries.isEmpty }, "what it would drop does not travel")
        stage.run(for: timeout)
        #expect(stage[n1].raft.commit == LogIndex(5))
        #expect(stage[n1].raft.role == .leader && stage[n3].raft.leader == n1)
        stage.turn(n3, .diskFull(false))
        stage.run(for: timeout)
        #expect(stage[n3].disk.entries == stage[n1].disk.entries)
    }

    @Test("Leadership goes to nobody whose disk is full")
    func successor() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.run(for: timeout)
        #expect(stage[n1].raft.successor(excluding: [], at: stage.now) == n2)
        stage.turn(n2, .diskFull(true))
        stage.run(for: timeout)
        #expect(stage[n1].raft.successor(excluding: [], at: stage.now) == n3)
        #expect(stage[n1].raft.successor(excluding: [n3], at: stage.now) == nil)
    }

    @Test("Figure 13: it keeps no piece of a snapshot, and answers the heartbeats between")
    func noSnapshot() {
        let stage = Stage(3)
        stage.turn(n2, .diskFull(true))
        let snapshot = Snapshot(last: entry(9, term: 1), level: .initial, bytes: [1, 2, 3, 4])
        stage.tell(n2, .snapshot(1, of: snapshot, 0..<2), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.tell(n2, .snapshot(1, of: snapshot, 0..<0), from: n1)
        #expect(stage.sent(n2) == [.received(1, 0, of: snapshot)])
        stage.take()
        stage.turn(n2, .diskFull(false))
        stage.tell(n2, .snapshot(1, of: snapshot, 0..<2), from: n1)
        #expect(stage.sent(n2) == [.received(1, 2, of: snapshot)])
    }
}
