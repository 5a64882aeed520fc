import Primitives
import Testing

@testable import Raft

/// What the core notes of its changes, and why they came about.
@Suite struct NoticeTests {
    private func notices(_ stage: Stage, _ id: NodeID) -> [Raft.Notice] {
        defer { stage[id].notices = [] }
        return stage[id].notices
    }

    @Test func anElectionIsToldByAllSides() {
        let stage = Stage(3)
        stage.expire(n1)
        guard case .electionStarted(.noLeader(let span)) = notices(stage, n1).first else {
            Issue.record("no election")
            return
        }
        #expect(stage.timing.election.contains(span))
        stage.deliver()
        #expect(
            notices(stage, n1) == [
                .campaigning(Term(1), handedOverBy: nil), .elected(Term(1), by: [n1, n2]),
            ])
        let follower: [Raft.Notice] = [
            .newerTerm(Term(1), at: n1, was: .follower), .voted(for: n1, Term(1)),
            .following(n1, Term(1)),
        ]
        #expect(notices(stage, n2) == follower && notices(stage, n3) == follower)
        stage.run(for: .milliseconds(1_000))
        stage.submit(n1, "a")
        stage.deliver()
        for id in [n1, n2, n3] { #expect(notices(stage, id) == [], "an ordinary day") }
    }

    @Test func aLostConnectionIsTheReason() {
        let stage = Stage(3)
        stage.elect(n1)
        _ = [n2, n3].map { notices(stage, $0) }
        stage.crash(n1)
        #expect(notices(stage, n2) == [.electionStarted(.connectionLost(n1))])
        stage.crash(n2)
        stage.expire(n3)
        #expect(notices(stage, n3) == [.electionStarted(.connectionLost(n1))])
        let start = stage.now
        stage.expire(n3)
        #expect(
            notices(stage, n3) == [.electionStarted(.again(stage.now.since(start)))])
    }

    @Test func silenceIsTheReason() {
        let stage = Stage(3)
        stage.elect(n1)
        for other in [n2, n3] { stage.mute(n1, other) }
        let heard = stage[n2].raft.lastLeaderContact
        _ = notices(stage, n2)
        stage.expire(n2)
        #expect(
            notices(stage, n2) == [.electionStarted(.silence(n1, stage.now.since(heard)))])
    }

    @Test func aLeaderThatHearsNobodySaysForHowLong() {
        let stage = Stage(3)
        stage.elect(n1)
        let start = stage.now
        for other in [n2, n3] { stage.mute(n1, other) }
        _ = notices(stage, n1)
        while stage[n1].raft.role == .leader { stage.expire(n1) }
        #expect(notices(stage, n1) == [.quorumLost(stage.now.since(start))])
    }

    @Test func aNewerTermIsTheReason() {
        let stage = Stage(3)
        stage.elect(n1)
        _ = notices(stage, n1)
        stage.tell(n1, .vote(9), from: n3)
        #expect(notices(stage, n1).first == .newerTerm(Term(9), at: n3, was: .leader))
    }

    @Test func aFollowerThatIsFarBehindIsNoted() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.isolate(n3)
        _ = notices(stage, n1)
        let lacking = RaftLimits.entriesBehind + 1
        for _ in 0..<lacking { stage.submit(n1, "a") }
        stage.deliver()
        stage.rejoin(n3)
        stage.run(for: .milliseconds(100))
        #expect(notices(stage, n1) == [.behind(n3, entries: lacking), .caughtUp(n3)])
        stage.isolate(n3)
        for _ in 0..<RaftLimits.entriesBehind { stage.submit(n1, "a") }
        stage.deliver()
        stage.rejoin(n3)
        stage.run(for: .milliseconds(100))
        #expect(notices(stage, n1) == [], "a few entries are under way at any time")
    }
}
