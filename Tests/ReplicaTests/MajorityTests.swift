import Primitives
import Raft
import Replica
import Testing

/// What a node knows of the majority, for people.
struct MajorityTests {
    private func losses(_ solo: Solo) -> [[NodeID]] {
        solo.box.notices.compactMap {
            if case .majorityLost(let answering) = $0 { answering } else { nil }
        }
    }

    private func backs(_ solo: Solo) -> [(leader: NodeID, after: Timespan)] {
        solo.box.notices.compactMap {
            if case .majorityBack(let leader, let span) = $0 { (leader, span) } else { nil }
        }
    }

    @Test func aNodeAloneSaysItOnce() {
        let solo = Solo()
        #expect(losses(solo).isEmpty, "it has not asked anybody yet")
        solo.pass(milliseconds: 3_000)
        #expect(losses(solo) == [[name(1)]])
        #expect(solo.box.reachableVoters(at: solo.now) == [name(1)])
    }

    @Test func aMajorityThatIsConnectedIsNotLost() {
        let solo = Solo()
        solo.connect(2)
        #expect(solo.box.reachableVoters(at: solo.now) == [name(1), name(2)])
        _ = solo.elect()
        #expect(losses(solo).isEmpty && backs(solo).isEmpty)
        solo.disconnect(2)
        #expect(losses(solo).isEmpty, "the leader has an election timeout to find out")
        solo.pass(milliseconds: 400)
        #expect(losses(solo) == [[name(1)]])
    }

    @Test func silentConnectionsDoNotCount() {
        let solo = Solo()
        solo.connect(2)
        solo.connect(3)
        _ = solo.elect()
        solo.acknowledge(1)
        // Both stand still: nothing comes, and no connection ends.
        solo.pass(milliseconds: 400)
        #expect(losses(solo) == [[name(1)]])
    }

    @Test func aLeaderBringsItBack() {
        let solo = Solo()
        solo.connect(2)
        solo.follow(2, term: 4, entries: [noOperation(term: 4)])
        solo.disconnect(2)
        solo.pass(milliseconds: 70)
        #expect(losses(solo) == [[name(1)]])
        solo.connect(3)
        #expect(backs(solo).isEmpty, "nobody leads")
        solo.follow(3, term: 5, after: entry(1, term: 4), entries: [noOperation(term: 5)])
        #expect(backs(solo).map(\.leader) == [name(3)] && losses(solo).count == 1)
        let most = Timespan.milliseconds(70)
        #expect(backs(solo).allSatisfy { $0.after > .milliseconds(40) && $0.after <= most })
    }
}
