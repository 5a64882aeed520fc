import Primitives
import Testing

@testable import Gossip

/// What is believed, and what a member says to rumours about itself.
@Suite struct ClaimTests {
    @Test func itRefutesWhatIsSaidOfItself() {
        for (rumour, state) in [
            (suspect(1, 5, by: 2), Member.State.suspect), (dead(1, 5, by: 2), .dead),
            (left(1, 5), .left),
        ] {
            let solo = Solo(others: 2, incarnation: 5)
            solo.apply(rumour)
            #expect(solo.gossip.incarnation == 6)
            #expect(solo.state(1) == .alive)
            #expect(solo.notices.contains(.refuted(state, incarnation: 6)))
            // And it tells so with the next thing that it says.
            #expect(solo.nextPing().rumours.contains(alive(1, 6)))
        }
    }

    @Test func whatWasSaidOfAnEarlierIncarnationIsRefutedAlready() {
        let solo = Solo(others: 2, incarnation: 5)
        solo.apply(dead(1, 4, by: 2))
        #expect(solo.gossip.incarnation == 5)
    }

    @Test func theLastIncarnationDoesNotTrap() {
        for start in [GossipLimits.incarnation - 1, GossipLimits.incarnation, .max] {
            let solo = Solo(others: 2, incarnation: start)
            let last = GossipLimits.incarnation - 1
            #expect(solo.gossip.incarnation == last)
            solo.apply(dead(1, last, by: 2))
            solo.run(for: .milliseconds(500))
            solo.apply(suspect(1, last, by: 2))
            solo.step(.described(metadata(1, at: address("other:1"))))
            #expect(solo.gossip.incarnation == last)
            #expect(solo.state(1) == .alive)
        }
    }

    @Test func itRefutesAtOnceButNotWithoutEnd() {
        let solo = Solo(others: 2)
        // A thousand forged deaths within a second, each of its newest incarnation.
        for _ in 0..<1_000 {
            solo.apply(dead(1, solo.gossip.incarnation, by: 2))
            solo.run(for: .milliseconds(1))
        }
        #expect(solo.state(1) == .alive)
        #expect((10...18).contains(solo.gossip.incarnation), "\(solo.gossip.incarnation)")
        // None is left unanswered.
        solo.run(for: .milliseconds(60))
        let incarnation = solo.gossip.incarnation
        solo.run(for: .milliseconds(1_000))
        #expect(solo.gossip.incarnation == incarnation)
    }

    @Test func aLeapOfAnIncarnationIsDropped() {
        let solo = Solo(others: 2, incarnation: 5)
        let leap = GossipLimits.incarnationLeap
        solo.apply(alive(2, leap + 1), suspect(2, leap + 1, by: 3), dead(2, leap + 1, by: 3))
        solo.apply(left(2, GossipLimits.incarnation - 1))
        #expect(solo.gossip.counters.implausible == 4)
        #expect(solo.member(2)?.versionedState == VersionedState(incarnation: 0, state: .alive))
        solo.apply(alive(2, leap))
        #expect(solo.member(2)?.incarnation == leap)
        // About itself likewise.
        solo.apply(dead(1, 6 + leap, by: 2))
        #expect(solo.gossip.incarnation == 5)
        solo.apply(dead(1, 5 + leap, by: 2))
        #expect(solo.gossip.incarnation == 6 + leap)
    }

    @Test func theAnswerToItsOwnCallTellsOfAnEarlierLife() throws {
        let solo = Solo(seeds: [gossipAddress(2)])
        solo.run(for: .milliseconds(1))
        let call = try #require(solo.calls.first)
        let entry = Message.Entry(
            id: node(1), versionedState: VersionedState(incarnation: 1 << 40, state: .dead),
            metadata: metadata(1, at: address("before:1")))
        let other = Message.Entry(
            id: node(2), versionedState: VersionedState(incarnation: 3, state: .alive),
            metadata: metadata(2))
        solo.answer(call.id, .stateAnswer([other, entry]))
        #expect(solo.gossip.incarnation == 1 << 40 + 1)
        #expect(solo.state(2) == .alive)
        #expect(solo.notices.contains(.joined(through: node(2))))
    }

    @Test func onlyTheLivingAreMet() {
        let solo = Solo()
        solo.apply(suspect(5, by: 2), dead(6, by: 2), left(7))
        #expect(solo.gossip.members.count == 1)
        solo.apply(alive(5))
        #expect(solo.state(5) == .alive)
        #expect(solo.gossip.members.map(\.id) == [node(1), node(5)])
    }

    @Test func anOldRumourBringsNobodyBack() {
        let solo = Solo(others: 4)
        solo.apply(dead(3, by: 2), left(4))
        solo.apply(alive(3), alive(4), suspect(3, by: 2), suspect(4, by: 2), dead(4, by: 2))
        #expect(solo.state(3) == .dead)
        #expect(solo.state(4) == .left)
        solo.apply(alive(3, 1), alive(4, 1))
        #expect(solo.state(3) == .alive)
        #expect(solo.state(4) == .alive)
    }

    @Test func theGoneAreRememberedForLongButNotForEver() {
        var profile = Profile.local
        profile.rememberGone = .milliseconds(60_000)
        let solo = Solo(others: 1, profile: profile)
        solo.apply(left(2))
        solo.run(for: .milliseconds(59_000))
        #expect(solo.state(2) == .left)
        solo.run(for: .milliseconds(4_000))
        #expect(solo.state(2) == nil)
    }

    @Test func aMemberThatMovedIsKnownByItsNewAddress() {
        let solo = Solo(others: 2)
        let moved = metadata(2, at: address("elsewhere:1"))
        solo.apply(Rumour(id: node(2), incarnation: 0, claim: .alive(moved)))
        #expect(solo.member(2)?.metadata == metadata(2), "without another incarnation")
        let version = solo.gossip.membersVersion
        solo.apply(Rumour(id: node(2), incarnation: 1, claim: .alive(moved)))
        #expect(solo.member(2)?.metadata == moved)
        #expect(solo.gossip.membersVersion != version)
    }

    @Test func whatItSaysOfItselfMayChange() {
        let solo = Solo(others: 1)
        let moved = metadata(1, at: address("elsewhere:1"))
        solo.step(.described(moved))
        #expect(solo.gossip.incarnation == 1)
        #expect(solo.member(1)?.metadata == moved)
        solo.step(.described(moved))
        #expect(solo.gossip.incarnation == 1)
        #expect(
            solo.nextPing().rumours.contains(
                Rumour(id: node(1), incarnation: 1, claim: .alive(moved))))
    }

    @Test func anotherStateIsMergedWithDoubt() {
        let solo = Solo(others: 5)
        solo.apply(dead(6, by: 2))
        func entry(_ number: Int, _ state: Member.State, _ incarnation: UInt64) -> Message.Entry {
            Message.Entry(
                id: node(number),
                versionedState: VersionedState(incarnation: incarnation, state: state),
                metadata: metadata(number, at: address("new:\(number)")))
        }
        let envelope = Envelope(
            cluster: cluster, digest: nil, sender: node(2),
            message: .state([
                entry(2, .alive, 0), entry(3, .dead, 0), entry(4, .left, 0), entry(5, .suspect, 1),
                entry(6, .dead, 1), entry(7, .dead, 1), entry(8, .suspect, 1), entry(9, .left, 1),
            ]))
        let effects = solo.step(.called(CallerID(9), envelope.bytes(onStream: true)))
        #expect(solo.state(3) == .suspect, "the dead are asked first")
        #expect(solo.state(4) == .left)
        #expect(solo.member(5)?.versionedState == VersionedState(incarnation: 1, state: .suspect))
        #expect(solo.member(5)?.metadata.gossip == address("new:5"))
        #expect(solo.member(6)?.versionedState == VersionedState(incarnation: 1, state: .dead))
        #expect(solo.state(7) == nil)
        #expect(solo.state(8) == .suspect)
        #expect(solo.state(9) == nil)
        #expect(effects.answers.map(\.to) == [CallerID(9)])
        let answer = try? MessageReader.read(effects.answers[0].bytes, by: .answer)
        guard case .stateAnswer(let entries)? = answer?.message else {
            Issue.record("no answer")
            return
        }
        #expect(entries.first?.id == node(1))
        #expect(entries.map(\.id).sorted() == solo.gossip.members.map(\.id))
    }

    @Test func foreignersAreNotHeard() {
        let solo = Solo(others: 1, digest: FoundingDigest(7))
        solo.apply(.ack(number: 0, subject: node(2), rumours: [dead(2, by: 2)]), digest: nil)
        #expect(solo.state(2) == .dead, "one that is not founded may speak")
        solo.apply(
            .ack(number: 0, subject: node(2), rumours: [alive(3)]), digest: FoundingDigest(8))
        #expect(solo.state(3) == nil)
        let other = Envelope(
            cluster: Array("other".utf8), digest: FoundingDigest(7), sender: node(2),
            message: .ack(number: 0, subject: node(2), rumours: [alive(3)]))
        solo.step(.datagram(other.bytes(onStream: false), from: gossipAddress(2)))
        #expect(solo.state(3) == nil)
        #expect(solo.gossip.counters.foreign == 2)
        solo.step(.founded(FoundingDigest(8)))
        solo.apply(
            .ack(number: 0, subject: node(2), rumours: [alive(3)]), digest: FoundingDigest(8))
        #expect(solo.state(3) == .alive)
    }
}
