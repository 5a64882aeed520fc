import Primitives
import Testing

@testable import Gossip

/// SWIM §3.1 and Lifeguard §IV-A, IV-C.
@Suite struct ProbingTests {
    @Test func aPingIsAcknowledgedWhereItCameFrom() {
        let solo = Solo(others: 1)
        let envelope = Envelope(
            cluster: cluster, digest: nil, sender: node(2),
            message: .ping(number: 42, target: node(1), rumours: []))
        let effects = solo.step(
            .datagram(envelope.bytes(onStream: false), from: address("9.9.9.9:9")))
        #expect(effects.datagrams.map(\.to) == [address("9.9.9.9:9")])
        guard case .ack(42, node(1), _) = solo.said[0].envelope.message else {
            Issue.record("\(solo.said)")
            return
        }
    }

    @Test func aPingForSomebodyElseIsDropped() {
        let solo = Solo(others: 1)
        solo.apply(.ping(number: 42, target: node(3), rumours: []))
        #expect(solo.said.isEmpty)
        #expect(solo.gossip.counters.misdirected == 1)
    }

    @Test func aMemberThatAnswersIsLeftInPeace() {
        let solo = Solo(others: 1)
        for _ in 0..<20 {
            let ping = solo.nextPing()
            solo.apply(.ack(number: ping.number, subject: ping.target, rumours: []))
        }
        #expect(solo.state(2) == .alive)
        #expect(solo.calls.isEmpty)
    }

    @Test func aMemberThatDoesNotIsSuspectedAndThenDead() {
        let solo = Solo(others: 1)
        _ = solo.nextPing()
        solo.run(for: .milliseconds(199))
        #expect(solo.state(2) == .alive)
        solo.run(for: .milliseconds(1))
        #expect(solo.state(2) == .suspect)
        solo.run(for: .milliseconds(800))
        #expect(solo.state(2) == .dead)
    }

    @Test func anAckOfAnOldPingProvesNothing() {
        let solo = Solo(others: 1)
        let first = solo.nextPing()
        solo.apply(.ack(number: first.number, subject: first.target, rumours: []))
        let second = solo.nextPing()
        #expect(first.number != second.number)
        let before = solo.gossip.counters.unexpected
        // Replayed, and forged with a number that was not drawn.
        solo.apply(.ack(number: first.number, subject: first.target, rumours: []))
        solo.apply(.ack(number: second.number &+ 1, subject: second.target, rumours: []))
        solo.apply(.ack(number: second.number, subject: node(3), rumours: []))
        #expect(solo.gossip.counters.unexpected == before + 3)
        solo.run(for: .milliseconds(200))
        #expect(solo.state(2) == .suspect)
    }

    @Test func othersAreAskedWhenNoAckComes() {
        let solo = Solo(others: 5)
        let ping = solo.nextPing()
        solo.run(for: solo.profile.probeTimeout)
        var asked: [Address] = []
        for (to, envelope) in solo.said {
            guard case .pingRequest(ping.number, ping.target, _) = envelope.message else {
                continue
            }
            asked.append(to)
        }
        #expect(Set(asked).count == 3)
        #expect(!asked.contains(ping.to) && !asked.contains(gossipAddress(1)))
        // An ack through one of them is as good.
        solo.apply(.ack(number: ping.number, subject: ping.target, rumours: []), from: 3)
        solo.run(for: .milliseconds(139))
        let target = solo.gossip.members.first { $0.id == ping.target }
        #expect(target?.state == .alive)
    }

    @Test func aRequestIsServedAndTheAckPassedOn() throws {
        let solo = Solo(others: 2)
        solo.apply(.pingRequest(number: 7, target: node(3), rumours: []), from: 2)
        guard case .ping(let number, node(3), _) = try #require(solo.said(to: 3).first) else {
            Issue.record("\(solo.said)")
            return
        }
        #expect(number != 7)
        // Only the one that was asked about can answer for itself.
        solo.apply(.ack(number: number, subject: node(3), rumours: []), from: 2)
        #expect(solo.said(to: 2).isEmpty)
        solo.apply(.ack(number: number, subject: node(3), rumours: []), from: 3)
        guard case .ack(7, node(3), _) = try #require(solo.said(to: 2).first) else {
            Issue.record("\(solo.said)")
            return
        }
        solo.run(for: .milliseconds(100))
        #expect(!solo.said(to: 2).contains(.nack(number: 7)))
    }

    @Test func aRequestThatBringsNothingIsAnsweredWithANack() {
        let solo = Solo(others: 2)
        solo.apply(.pingRequest(number: 7, target: node(3), rumours: []), from: 2)
        solo.run(for: solo.profile.relayTimeout)
        #expect(solo.said(to: 2).contains(.nack(number: 7)))
        // Of somebody that it does not know it can say nothing, but that it is well.
        solo.apply(.pingRequest(number: 8, target: node(99), rumours: []), from: 2)
        #expect(solo.said(to: 2).contains(.nack(number: 8)))
    }

    @Test func requestsAreBounded() {
        let solo = Solo(others: 2)
        for number in 0..<UInt64(GossipLimits.relays) + 10 {
            solo.apply(.pingRequest(number: number, target: node(3), rumours: []), from: 2)
        }
        #expect(solo.gossip.counters.overloaded == 10)
        #expect(solo.gossip.relays.count == GossipLimits.relays)
        solo.run(for: .milliseconds(100))
        #expect(solo.gossip.relays.count == 0)
    }

    @Test func aNackComesBackBeforeThePeriodIsOver() {
        for profile in [Profile.local, .lan, .wan] {
            #expect(profile.probeTimeout + profile.relayTimeout < profile.probeInterval)
            #expect(profile.relayTimeout > .zero)
        }
    }

    @Test func aStreamIsTriedBesideTheOthers() throws {
        let solo = Solo(others: 1)
        var blockedNotices = 0
        // Once may be chance, as where nothing got through until just now.
        for round in 0..<GossipLimits.streamOnlyProbes + 2 {
            #expect(round >= GossipLimits.streamOnlyProbes || blockedNotices == 0)
            let ping = solo.nextPing()
            solo.run(for: solo.profile.probeTimeout)
            let call = try #require(solo.calls.last)
            #expect(call.to == ping.to)
            let envelope = try MessageReader.read(call.bytes, by: .question)
            guard case .ping(ping.number, ping.target, _) = envelope.message else {
                Issue.record("\(envelope)")
                return
            }
            solo.answer(call.id, .ack(number: ping.number, subject: ping.target, rumours: []))
            solo.run(for: .milliseconds(139 - 60))
            #expect(solo.state(2) == .alive, "round \(round)")
            blockedNotices = solo.notices.count { $0 == .datagramsBlocked(node(2)) }
        }
        solo.run(for: .milliseconds(61))
        // Said once, not each time.
        #expect(blockedNotices == 1)
        #expect(solo.state(2) == .alive)
    }

    @Test func missingNacksAreTakenPersonally() {
        let solo = Solo(others: 5)
        let ping = solo.nextPing()
        solo.run(for: solo.profile.probeTimeout)
        let asked = (2...6).filter { number in
            solo.said(to: number).contains { message in
                if case .pingRequest = message { true } else { false }
            }
        }
        #expect(asked.count == 3)
        // One says that it is well, and says it twice.
        solo.apply(.nack(number: ping.number), from: asked[0])
        solo.apply(.nack(number: ping.number), from: asked[0])
        solo.run(for: .milliseconds(140))
        #expect(solo.gossip.health.score == 2)
        // Its periods are three times as long now, and its patience.
        #expect(solo.gossip.nextPeriod.since(solo.now) == .milliseconds(600))
    }

    @Test func withAllNacksTheFaultIsElsewhere() {
        let solo = Solo(others: 5)
        let ping = solo.nextPing()
        solo.run(for: solo.profile.probeTimeout)
        for number in 2...6 { solo.apply(.nack(number: ping.number), from: number) }
        solo.run(for: .milliseconds(140))
        #expect(solo.gossip.health.score == 0)
        #expect(solo.gossip.members.contains { $0.id == ping.target && $0.state == .suspect })
    }

    @Test func healthIsBoundedAndComesBack() {
        var health = LocalHealth(ceiling: 8)
        health.worsen(by: 100)
        #expect(health.factor == 8)
        for _ in 0..<100 { health.improve() }
        #expect(health.factor == 1)
        var none = LocalHealth(ceiling: 1)
        none.worsen()
        #expect(none.factor == 1)
    }

    @Test func theSuspectedIsToldFirst() {
        let solo = Solo(others: 40)
        // Enough to fill a datagram, so that there is no room by chance.
        for number in 3...40 { solo.apply(alive(number, 1)) }
        solo.apply(suspect(2, by: 3))
        for number in 3...40 { solo.apply(alive(number, 2)) }
        while true {
            let ping = solo.nextPing()
            if ping.target == node(2) {
                #expect(
                    ping.rumours.first?.versionedState
                        == VersionedState(incarnation: 0, state: .suspect))
                #expect(ping.rumours.count { $0.id == node(2) } == 1)
                return
            }
            solo.apply(.ack(number: ping.number, subject: ping.target, rumours: []))
        }
    }

    @Test func theDeadAreToldWhenTheySpeak() throws {
        let solo = Solo(others: 3)
        solo.apply(dead(3, by: 2))
        for _ in 0..<3 {
            solo.said.removeAll()
            solo.apply(.ping(number: 1, target: node(1), rumours: []), from: 3)
            guard case .ack(_, _, let rumours) = try #require(solo.said(to: 3).first) else {
                Issue.record("\(solo.said)")
                return
            }
            #expect(rumours.contains { $0.id == node(3) && $0.versionedState.state == .dead })
        }
    }
}
