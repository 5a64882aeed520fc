import Primitives
import Testing

@testable import Raft

/// Thesis §6.2 and §9.6: leaders that lost their majority, and elections that disturb nobody.
@Suite struct ThesisLeadership {
    @Test("Thesis §6.2: a leader that hears no majority for an election timeout steps down")
    func checkQuorum() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.mute(n1, n2)
        stage.mute(n1, n3)
        let limit = Timing.standard.election.upperBound + Timing.standard.heartbeat * 2
        let start = stage.now
        while stage[n1].raft.role == .leader, stage.now.since(start) <= limit {
            stage.expire(n1)
            stage.deliver()
        }
        #expect(stage[n1].raft.role == .follower && stage[n1].raft.leader == nil)
        #expect(stage[n1].raft.term == Term(1), "stepping down starts no term")
    }

    @Test("Thesis §6.2: a leader that hears one half and itself makes a majority goes on")
    func halfSuffices() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.isolate(n4)
        stage.isolate(n5)
        stage.run(for: .milliseconds(5_000))
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.term == Term(1))
        #expect(stage[n4].raft.term == Term(1) && stage[n5].raft.term == Term(1))
    }

    @Test(
        "openraft#2080: a leader without a majority stops the heartbeats that kept a bridge waiting"
    )
    func stopsHeartbeats() {
        // n1 leads and is heard by n2 alone; n2 is heard by all.
        let stage = Stage(5)
        stage.elect(n1)
        for other in [n3, n4, n5] { stage.mute(n1, other) }
        stage.run(for: .milliseconds(2_000))
        #expect(stage[n1].raft.role != .leader)
        let leaders = stage.players.filter { $0.raft.role == .leader }
        #expect(leaders.count == 1)
        stage.submit(leaders[0].id, "a")
        stage.deliver()
        #expect(stage[n2].log.hasSuffix("a") && leaders[0].raft.commit.number >= 3)
    }

    @Test("A paused leader that wakes up steps down before it speaks for itself")
    func pausedLeader() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.now = stage.now + .milliseconds(10_000)
        stage.turn(n1, .deadlineReached)
        #expect(stage[n1].raft.role == .follower)
        #expect(stage.sent(n1).isEmpty)
    }

    @Test("Thesis §9.6: a server asks before it campaigns; its term does not change")
    func preVoteChangesNothing() {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:-", term: 4)])
        stage.expire(n1)
        #expect(
            stage.sent(n1) == [
                .preVote(4, last: entry(1, term: 1)), .preVote(4, last: entry(1, term: 1)),
            ])
        #expect(stage[n1].raft.term == Term(4) && stage[n1].writes.isEmpty)
        stage.deliverOnce()
        for player in [stage[n2], stage[n3]] {
            #expect(player.raft.term == .zero && player.raft.vote == nil && player.writes.isEmpty)
        }
    }

    @Test("Thesis §9.6: a majority must be in favour before the term rises")
    func preVoteMajority() {
        let stage = Stage(5)
        stage.expire(n1)
        stage.take()
        stage.tell(n1, .preVoteAnswer(0, askedIn: 0, true), from: n2)
        stage.tell(n1, .preVoteAnswer(0, askedIn: 0, true), from: n2)
        stage.tell(n1, .preVoteAnswer(0, askedIn: 0, false), from: n3)
        #expect(stage[n1].raft.role == .precandidate(ballot(of: 0, 1)))
        stage.tell(n1, .preVoteAnswer(0, askedIn: 0, true), from: n4)
        #expect(stage[n1].raft.term == Term(1) && stage[n1].raft.vote == n1)
    }

    @Test("Thesis §9.6: an answer to a question of an earlier term is none")
    func latePreVotes() {
        let stage = Stage(5)
        stage.expire(n1)
        stage.take()
        stage.tell(n1, .append(3), from: n2)
        stage.expire(n1)
        for peer in [n2, n3, n4] {
            stage.tell(n1, .preVoteAnswer(0, askedIn: 0, true), from: peer)
        }
        #expect(stage[n1].raft.role == .precandidate(ballot(of: 0)))
    }

    @Test("etcd#9333: a server that was cut off comes back without disturbing the leader")
    func returnsQuietly() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.isolate(n3)
        stage.run(for: .milliseconds(20_000))
        #expect(stage[n3].raft.term == Term(1))
        stage.rejoin(n3)
        stage.run(for: .milliseconds(1_000))
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.term == Term(1))
        #expect(stage[n3].raft.leader == n1)
    }

    @Test("§6 A server that hears a leader is in favour of nobody, within the lowest timeout")
    func lease() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.take()
        let last = entry(1, term: 1)
        let heard = stage[n2].raft.lastLeaderContact
        stage.now = Instant(nanoseconds: (heard + .milliseconds(150)).nanoseconds - 1)
        stage.tell(n2, .preVote(1, last: last), from: n3)
        stage.tell(n1, .preVote(1, last: last), from: n3)
        #expect(stage.sent(n2) == [.preVoteAnswer(1, askedIn: 1, false)])
        #expect(stage.sent(n1) == [.preVoteAnswer(1, askedIn: 1, false)], "a leader hears itself")
        stage.take()
        stage.now = heard + .milliseconds(150)
        stage.tell(n2, .preVote(1, last: last), from: n3)
        #expect(stage.sent(n2) == [.preVoteAnswer(1, askedIn: 1, true)])
    }

    @Test("etcd#8243: whoever asks in an old term learns the new one from the refusal")
    func oldTermLearns() {
        // The longer log has the older term: neither can win before the terms are equal.
        let disks = [
            n1: StagedDisk(log: "1:- 1:a 1:b", term: 1), n2: StagedDisk(log: "1:-", term: 9),
        ]
        let stage = Stage(3, disks: disks)
        stage.crash(n3)
        stage.run(for: .milliseconds(3_000))
        #expect(stage[n1].raft.role == .leader)
        #expect(stage[n2].log == stage[n1].log && stage[n1].raft.term >= Term(10))
    }

    @Test("Every pair of logs and terms elects a leader when the third server is away")
    func everyPair() {
        let logs = ["", "1:-", "1:- 1:a", "1:- 2:-", "1:- 1:a 1:b", "1:- 3:-"]
        for first in logs {
            for second in logs {
                for (left, right) in [(3, 3), (3, 7), (7, 3)] as [(UInt64, UInt64)] {
                    let disks = [
                        n1: StagedDisk(log: first, term: left, vote: n1),
                        n2: StagedDisk(log: second, term: right, vote: n2),
                    ]
                    let stage = Stage(3, disks: disks)
                    stage.crash(n3)
                    stage.run(for: .milliseconds(5_000))
                    #expect(
                        Set([stage[n1].raft.leader, stage[n2].raft.leader]).count == 1
                            && stage[n1].raft.leader != nil, "\(first) \(left), \(second) \(right)")
                    #expect(stage[n1].log == stage[n2].log)
                }
            }
        }
    }

    @Test("A message from a stranger, or to one, is dropped and counted")
    func strangers() {
        let stage = Stage(3)
        let before = stage[n1].disk
        for message in [Message.vote(9), .append(9, "9:x"), .preVote(9), .matched(9, 1)] {
            stage.tell(n1, message, from: n5)
            stage.tell(n1, message, from: n1)
        }
        #expect(stage[n1].raft.droppedMessages == 8)
        #expect(stage[n1].disk == before && stage[n1].raft.term == .zero)
        #expect(stage.inFlight.isEmpty)
    }

    @Test("A server that is no voter, or knows of none, takes part in nothing")
    func outsiders() {
        for voters in [nil, [n2, n3]] as [[NodeID]?] {
            var raft = Raft(
                id: n1, timing: .standard, seed: 1, hardState: .initial, log: EntryLog(),
                commit: .zero)
            var effects = Raft.Effects()
            if let voters { raft.step(.configured(voters: voters), at: .origin, into: &effects) }
            #expect(raft.deadline == .never && !raft.isVoter)
            raft.step(.received(.vote(3), from: n2), at: .origin, into: &effects)
            let later = Instant.origin + .milliseconds(60_000)
            raft.step(.deadlineReached, at: later, into: &effects)
            raft.step(.turnEnded, at: later, into: &effects)
            #expect(effects.outbox.isEmpty && effects.write == nil)
            #expect(raft.droppedMessages == 1 && raft.term == .zero)
        }
    }
}
