import Primitives
import Testing

@testable import Raft

/// Raft §5.4: safety.
@Suite struct Section54Safety {
    @Test(
        "§5.4.1 A voter refuses a candidate whose log is less up-to-date than its own",
        arguments: [
            (entry(3, term: 2), true), (entry(4, term: 2), true), (entry(1, term: 3), true),
            (entry(2, term: 2), false), (entry(9, term: 1), false), (EntryID.zero, false),
        ])
    func upToDate(last: EntryID, isGranted: Bool) {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:- 1:a 2:b")])
        stage.tell(n2, .vote(7, last: last), from: n1)
        #expect(stage.sent(n2) == [.voteAnswer(7, isGranted)])
        #expect(stage[n2].raft.vote == (isGranted ? n1 : nil))
        stage.take()
        stage.tell(n2, .preVote(7, last: last), from: n3)
        #expect(stage.sent(n2) == [.preVoteAnswer(7, askedIn: 7, isGranted)])
    }

    @Test("§5.4.1 A refused candidate costs nobody its vote")
    func refusalKeepsVote() {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:a")])
        stage.tell(n2, .vote(2), from: n1)
        stage.tell(n2, .vote(2, last: entry(1, term: 1)), from: n3)
        #expect(stage.sent(n2, to: n1) == [.voteAnswer(2, false)])
        #expect(stage.sent(n2, to: n3) == [.voteAnswer(2, true)])
    }

    @Test("§5.4.1 Only who holds all that is committed can be elected (Leader Completeness)")
    func leaderCompleteness() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.isolate(n4)
        stage.isolate(n5)
        stage.submit(n1, "a")
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(2))
        stage.crash(n1)
        stage.rejoin(n4)
        stage.rejoin(n5)
        for loser in [n4, n5] {
            stage.take()
            stage.now = stage.now + .milliseconds(300)
            stage.expire(loser)
            stage.deliver()
            #expect(stage[loser].raft.role == .precandidate(ballot(of: 3, 4)), "4 and 5 lack it")
        }
        stage.elect(n2)
        #expect(stage.players.dropFirst().allSatisfy { $0.log == "1:- 1:a 2:-" })
    }

    @Test("§5.4.2 Figure 8: an older term's entry is not committed by counting copies")
    func figure8() {
        // (c): s1 leads term 4, holds 2 of term 2, and s2, s3 hold it as well.
        let disks = [
            n1: StagedDisk(log: "1:- 2:a", term: 3), n2: StagedDisk(log: "1:- 2:a", term: 3),
            n3: StagedDisk(log: "1:-", term: 3), n4: StagedDisk(log: "1:-", term: 3),
            n5: StagedDisk(log: "1:- 3:b"),
        ]
        let stage = Stage(5, disks: disks)
        stage.isolate(n5)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        #expect(stage[n1].raft.role == .leader && stage[n1].log == "1:- 2:a 4:-")
        stage.take()
        for follower in [n2, n3] { stage.tell(n1, .matched(4, 2), from: follower) }
        #expect(stage[n1].raft.peers[0].match == LogIndex(2))
        #expect(stage[n1].raft.commit == .zero, "three of five hold it, and it is not committed")
        for follower in [n2, n3] { stage.tell(n1, .matched(4, 3), from: follower) }
        #expect(stage[n1].raft.commit == LogIndex(3), "with an entry of term 4 it is")
    }

    @Test("§5.4.2 Figure 8 (d): what was on a majority may still be overwritten")
    func figure8Overwritten() {
        let disks = [
            n1: StagedDisk(log: "1:- 2:a", term: 4), n2: StagedDisk(log: "1:- 2:a", term: 4),
            n3: StagedDisk(log: "1:- 2:a", term: 4), n4: StagedDisk(log: "1:-", term: 4),
            n5: StagedDisk(log: "1:- 3:b", term: 4),
        ]
        let stage = Stage(5, disks: disks)
        stage.crash(n1)
        stage.elect(n5)
        #expect(stage.players.dropFirst().allSatisfy { $0.log == "1:- 3:b 5:-" })
        stage.restart(n1)
        stage.run(for: .milliseconds(100))
        #expect(stage[n1].log == "1:- 3:b 5:-")
    }

    @Test("§5.4.2 Figure 8 (e): with an entry of its own term on a majority, the past is safe")
    func figure8Committed() {
        let disks = [
            n1: StagedDisk(log: "1:- 2:a 4:c"), n2: StagedDisk(log: "1:- 2:a 4:c"),
            n3: StagedDisk(log: "1:- 2:a 4:c"), n4: StagedDisk(log: "1:-", term: 4),
            n5: StagedDisk(log: "1:- 3:b", term: 4),
        ]
        let stage = Stage(5, disks: disks)
        stage.crash(n1)
        stage.expire(n5)
        stage.deliver()
        #expect(stage[n5].raft.role == .precandidate(ballot(of: 3, 4)), "a majority refuses")
        stage.elect(n3)
        #expect(stage[n5].log == "1:- 2:a 4:c 5:-")
    }

    @Test("§5.4.3 Random elections, losses and crashes never break what the stage watches")
    func randomWalk() {
        for seed in UInt64(0)..<30 {
            var random = RandomSource(seed: seed)
            let stage = Stage(random.chance(1, in: 2) ? 3 : 5)
            let ids = stage.players.map(\.id)
            for step in 0..<400 {
                let id = ids[random.below(ids.count)]
                let other = ids[random.below(ids.count)]
                switch random.below(14) {
                case 0: stage.expire(id)
                case 1: stage.drop { _ in random.chance(1, in: 2) }
                case 2: if id != other { stage.cut(id, other) }
                case 3: if id != other && stage[other].isUp { stage.connect(id, other) }
                case 4: stage.withhold(id)
                case 5: stage.persist(id)
                case 6: stage.release(id)
                case 7: if random.chance(1, in: 4) { stage.crash(id) }
                case 8: if !stage[id].isUp { stage.restart(id) }
                case 9: stage.submit(id, "c\(step)")
                case 10: stage.inFlight.shuffle(using: &random)
                case 11: stage.inFlight += stage.inFlight.prefix(3)
                default: stage.deliver { _ in random.chance(9, in: 10) }
                }
            }
            for id in ids where !stage[id].isUp { stage.restart(id) }
            for id in ids {
                stage.release(id)
                stage.rejoin(id)
            }
            stage.run(for: .milliseconds(5_000))
            #expect(Set(stage.logs).count == 1, "the logs of seed \(seed) did not converge")
            #expect(stage.players.count { $0.raft.role == .leader } == 1)
            #expect(stage.commits.allSatisfy { $0 == stage[n1].raft.log.lastIndex.number })
        }
    }
}
