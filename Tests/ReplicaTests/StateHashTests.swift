import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// What voters say of their states, and what follows from it at one node.
struct StateHashTests {
    /// n1 leads term 1 of a cluster of level 2, whose checkpoints are the even indices: entries 1 and 2
    /// are committed, and n1 has noted its hash at 2.
    private static func leading() -> Solo {
        let solo = Solo(checkpoint: 2)
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: LevelTests.present)) }
        _ = solo.elect()
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        precondition(solo.box.featureLevel == .current && solo.box.hasStateHashes)
        solo.turn()
        return solo
    }

    private static func link(_ peer: Int, of solo: Solo) -> LinkID {
        solo.links.last { $0.peer == peer }!.link
    }

    /// What n1 has said of its state to that peer.
    private static func said(_ solo: Solo, to peer: Int) -> [StateHash] {
        solo.said(on: link(peer, of: solo)).compactMap {
            if case .stateHash(let hash) = $0 { hash } else { nil }
        }
    }

    /// n1's own hash at that index, or another one.
    private static func say(
        _ hash: StateHash, differing by: UInt64 = 0, from peer: Int, to solo: Solo
    ) {
        let other = StateHash(index: hash.index, hash: hash.hash ^ by)
        solo.hear(.stateHash(other), on: link(peer, of: solo))
    }

    @Test func eachCheckpointIsToldToEveryPeer() throws {
        let solo = Self.leading()
        for peer in 2...3 {
            #expect(Self.said(solo, to: peer).map(\.index) == [LogIndex(2)])
        }
        solo.ask(.set(1), .add(1), .add(1))
        solo.persist()
        solo.acknowledge(5)
        solo.turn()
        let told = Self.said(solo, to: 2)
        #expect(told.map(\.index) == [LogIndex(4)] && told == Self.said(solo, to: 3))
        // It is said again, since it may be lost.
        solo.pass(milliseconds: 1_000)
        #expect(Self.said(solo, to: 2).last == told[0])
    }

    @Test func aMajorityVerifiesAnIndex() throws {
        let solo = Self.leading()
        let own = try #require(Self.said(solo, to: 2).first)
        #expect(solo.box.verifiedThrough == .zero)
        Self.say(own, from: 3, to: solo)
        #expect(solo.box.verifiedThrough == LogIndex(2) && !solo.box.isInDoubt)
        // The third one is the one that is wrong, and it learns so by itself.
        Self.say(own, differing: 1, from: 2, to: solo)
        #expect(solo.box.verifiedThrough == LogIndex(2) && !solo.box.isInDoubt)
        #expect(solo.box.end == nil)
    }

    @Test func whoeverIsOutvotedEnds() throws {
        let solo = Self.leading()
        let own = try #require(Self.said(solo, to: 2).first)
        Self.say(own, from: 2, to: solo)
        solo.ask(.set(1), .add(1))
        solo.persist()
        solo.acknowledge(4)
        solo.turn()
        let next = try #require(Self.said(solo, to: 2).last)
        Self.say(next, differing: 1, from: 2, to: solo)
        #expect(solo.box.end == nil && solo.box.isInDoubt)
        Self.say(next, differing: 1, from: 3, to: solo)
        let end = try #require(solo.box.end)
        #expect(end.exitCode == 65)
        #expect(end.text.contains("n2, n3") && end.text.contains("at index 4"))
        #expect(end.text.contains("after index 2"))
        // It never serves again.
        let read = solo.ask(.read)[0]
        #expect(solo.box.answer(to: read) == .unavailable(.diverged))
    }

    /// While nobody knows who is right, no client is told anything that rests on the state.
    @Test func withoutAMajorityNobodyIsServedAndNobodyEnds() throws {
        let solo = Self.leading()
        let own = try #require(Self.said(solo, to: 2).first)
        let early = solo.ask(.set(1))[0]
        solo.persist()
        Self.say(own, differing: 1, from: 2, to: solo)
        #expect(solo.box.isInDoubt && solo.box.end == nil)
        #expect(solo.box.notices.last == .statesDiffer(at: LogIndex(2)))
        solo.acknowledge(3)
        #expect(solo.box.answers(to: early) == [.unknownOutcome])
        let (write, read) = (solo.ask(.set(2))[0], solo.ask(.read)[0])
        for request in [write, read] {
            #expect(solo.box.answers(to: request) == [.unavailable(.diverged)])
        }
        // A third opinion helps nobody.
        Self.say(own, differing: 2, from: 3, to: solo)
        #expect(solo.box.isInDoubt && solo.box.end == nil)
        // The other two begin anew from what is right.
        for peer in 2...3 {
            solo.disconnect(peer)
            solo.connect(peer, solo.hello(of: peer, levels: LevelTests.present))
        }
        #expect(!solo.box.isInDoubt && solo.box.notices.contains(.statesDiffer(at: nil)))
        #expect(Self.said(solo, to: 3) == [own])
        Self.say(own, from: 3, to: solo)
        #expect(solo.box.verifiedThrough == LogIndex(2))
        let late = solo.ask(.set(2))[0]
        solo.persist()
        solo.acknowledge(4)
        #expect(solo.box.answers(to: late).count == 1 && solo.box.receipt(of: late)?.value == 2)
    }

    /// The others are ahead of what this node has applied; it compares when it gets there.
    @Test func whatIsSaidBeforeItsTimeCountsLater() throws {
        let solo = Self.leading()
        let own = try #require(Self.said(solo, to: 2).first)
        for peer in 2...3 {
            Self.say(StateHash(index: LogIndex(4), hash: own.hash), from: peer, to: solo)
            // What lies beyond all reason does not take its place.
            for index in 0..<32 {
                let far = StateHash(index: LogIndex((1 << 40) + 2 * UInt64(index)), hash: 1)
                Self.say(far, from: peer, to: solo)
            }
        }
        #expect(solo.box.end == nil && !solo.box.isInDoubt)
        solo.ask(.set(1), .add(1))
        solo.persist()
        solo.acknowledge(4)
        solo.turn()
        #expect(solo.box.end?.exitCode == 65)
    }

    @Test func aProgramThatHasNamedNoLevelsHearsNoHashAndSaysNone() {
        let solo = Solo(checkpoint: 2)
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer)) }
        _ = solo.elect()
        solo.ask(.set(1), .set(2))
        solo.persist()
        solo.acknowledge(3)
        solo.turn()
        solo.pass(milliseconds: 600)
        #expect(Self.said(solo, to: 2) == [])
        Self.say(StateHash(index: LogIndex(2), hash: 1), from: 2, to: solo)
        #expect(solo.box.closes.contains(Self.link(2, of: solo)))
    }

    // MARK: The comparison

    @Test func onlyTheNewestOfEachVoterAreKept() {
        var hashes = StateHashes()
        for index in (1...UInt64(40)).reversed() {
            _ = hashes.note(StateHash(index: LogIndex(index), hash: index), of: name(1))
        }
        let kept = hashes.hashes(of: name(1))
        #expect(kept.map(\.index.number) == Array(25...40))
        // The newer word counts.
        let isNews = hashes.note(StateHash(index: LogIndex(30), hash: 7), of: name(1))
        let isOld = hashes.note(StateHash(index: LogIndex(30), hash: 7), of: name(1))
        #expect(isNews && !isOld)
        #expect(hashes.hashes(of: name(1))[5] == StateHash(index: LogIndex(30), hash: 7))
    }

    /// Every way in which up to five voters can have spoken about one index.
    @Test(arguments: 1...5) func oneIndexIsJudgedAsASimpleCountSays(count: Int) {
        let quorum = Quorum(voters: count)
        var cases = 1
        for _ in 1..<count { cases *= 4 }
        for number in 0..<cases {
            var hashes = StateHashes()
            var said = [1]
            var rest = number
            for voter in 2...max(2, count) where count > 1 {
                said.append(rest % 4)
                rest /= 4
                if said[voter - 1] > 0 {
                    let hash = StateHash(index: LogIndex(8), hash: UInt64(said[voter - 1]))
                    _ = hashes.note(hash, of: name(voter))
                }
            }
            _ = hashes.note(StateHash(index: LogIndex(8), hash: 1), of: name(1))
            let judgement = hashes.judgement(of: name(1), quorum: quorum)
            let counts = (1...3).map { hash in said.count { $0 == hash } }
            let isVerified = counts[0] >= quorum.size
            let isOutvoted = counts[1...].contains { $0 >= quorum.size }
            let isUnsettled = !isVerified && !isOutvoted && counts[1] + counts[2] > 0
            #expect((judgement.verified == LogIndex(8)) == isVerified, "\(said)")
            #expect((judgement.outvoted != nil) == isOutvoted, "\(said)")
            #expect((judgement.unsettled == LogIndex(8)) == isUnsettled, "\(said)")
        }
    }
}

/// Whole clusters in which one node's memory is damaged.
struct DivergenceTests {
    private func cluster(of count: Int) throws -> Stage {
        let stage = Stage(founders: count)
        stage.checkpoint = 4
        _ = stage.startAll()
        stage.run(milliseconds: 1_000)
        try write(9, to: stage)
        return stage
    }

    private func write(_ count: Int, to stage: Stage) throws {
        for _ in 0..<count {
            _ = stage.ask(try #require(stage.elect()), .add(1))
            stage.run(milliseconds: 20)
        }
    }

    @Test(arguments: [(3, true), (3, false), (5, true), (5, false)])
    func exactlyTheDamagedNodeEnds(voters: Int, isLeader: Bool) throws {
        let stage = try cluster(of: voters)
        for box in stage.boxes { #expect(box.verifiedThrough >= LogIndex(8)) }
        let damaged = try #require(
            stage.boxes.first { $0.leads(at: stage.now) == isLeader })
        damaged.damageValue()
        try write(8, to: stage)
        #expect(damaged.end?.exitCode == 65)
        #expect(stage.boxes.count == voters - 1)
        #expect(stage.boxes.allSatisfy { $0.end == nil && !$0.isInDoubt })
        let before = stage.boxes[0].engine.machine.value
        // It begins anew, applies the log, and is as the others are.
        let again = stage.start(damaged.disk)
        stage.run(milliseconds: 1_000)
        try write(8, to: stage)
        #expect(stage.boxes.count == voters)
        for box in stage.boxes {
            #expect(box.engine.hash == again.engine.hash && !box.isInDoubt)
            #expect(box.engine.machine.value == before + 8)
            #expect(box.verifiedThrough >= LogIndex(24))
        }
    }

    /// Two of two, or two of three without the third: nobody can say who is right. Both stay, and serve
    /// nobody, until one of them begins anew or the third comes.
    @Test(arguments: [false, true]) func twoThatDifferServeNobody(isThirdAway: Bool) throws {
        let stage = try cluster(of: isThirdAway ? 3 : 2)
        var away: Box?
        if isThirdAway {
            away = stage.boxes.first { !$0.leads(at: stage.now) }
            stage.crash(try #require(away))
            stage.run(milliseconds: 500)
        }
        let leader = try #require(stage.elect())
        leader.damageValue()
        for _ in 0..<8 {
            _ = stage.ask(leader, .add(1))
            stage.run(milliseconds: 20)
        }
        #expect(stage.boxes.count == 2)
        for box in stage.boxes {
            let read = stage.ask(box, .read)[0]
            stage.run(milliseconds: 100)
            #expect(box.answer(to: read) == .unavailable(.diverged))
        }
        if let away {
            stage.start(away.disk)
        } else {
            stage.restart(leader)
        }
        stage.run(milliseconds: 2_000)
        try write(8, to: stage)
        #expect(stage.boxes.count == 2)
        #expect(stage.boxes.allSatisfy { !$0.isInDoubt && $0.end == nil })
        #expect(leader.end?.exitCode == (isThirdAway ? 65 : nil))
    }
}
