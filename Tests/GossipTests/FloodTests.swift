import Effort
import Primitives
import Testing

@testable import Gossip

/// What comes from outside, in numbers.
@Suite struct FloodTests {
    @Test func forgedNamesTakeNoMoreThanTheirRoom() {
        let solo = Solo(others: 3)
        var random = RandomSource(seed: 1)
        solo.apply(left(4))
        for first in stride(from: 10, to: 10 + 3 * GossipLimits.members, by: 12) {
            let rumours = (first..<first + 12).map { alive($0, UInt64(random.below(100))) }
            solo.apply(.ack(number: 0, subject: node(2), rumours: rumours))
        }
        #expect(solo.gossip.members.count == GossipLimits.members + 1)
        #expect(solo.gossip.queue.count <= GossipLimits.members + 1)
        #expect(solo.gossip.counters.overfull == 2 * GossipLimits.members + 2)
        #expect(solo.state(2) == .alive)
        #expect(solo.state(3) == .alive)
        // The one that had left has made room; the next that goes makes room, too.
        #expect(solo.state(4) == nil)
        solo.apply(dead(10, 99, by: 2))
        #expect(solo.state(10) == .dead)
        solo.apply(alive(9))
        #expect(solo.state(10) == nil)
        #expect(solo.state(9) == .alive)
        #expect(solo.gossip.members.count == GossipLimits.members + 1)
        // A state of so many does not fit one message, and is cut to it.
        let state = solo.gossip.stateMessage(.state)
        #expect(state.count <= GossipLimits.stream)
    }

    /// Names that come and go within one round make room for each other, in the round, too.
    @Test func namesThatComeAndGoLeaveNothingBehind() {
        let solo = Solo(others: 3)
        for number in 10..<500 + GossipLimits.members {
            solo.apply(alive(number), left(number))
        }
        #expect(solo.gossip.members.count == GossipLimits.members + 1)
        #expect(solo.gossip.ring.count <= GossipLimits.members)
        #expect(solo.state(2) == .alive)
        // In one step only so many make room.
        let entries = (100_000..<101_000).map {
            Message.Entry(
                id: node($0), versionedState: VersionedState(incarnation: 0, state: .alive),
                metadata: metadata($0))
        }
        let bytes = Envelope(
            cluster: cluster, digest: nil, sender: node(2), message: .state(entries)
        ).bytes(onStream: true)
        let before = solo.gossip.counters.overfull
        solo.step(.called(CallerID(1), bytes))
        #expect(solo.gossip.counters.overfull - before == 1_000 - GossipLimits.forgottenInStep)
    }

    /// As many entries as a node may remember are read, and not one more: each costs its reader time.
    @Test func aStateHasNoMoreEntriesThanThereAreMembers() throws {
        let small = try #require(
            Metadata(
                http: address("h:1"), raft: address("h:2"), gossip: address("h:3"), role: .none,
                version: []))
        for (count, isRead) in [
            (GossipLimits.members + 1, true), (GossipLimits.members + 2, false),
        ] {
            let entries = (1...count).map {
                Message.Entry(
                    id: node($0), versionedState: VersionedState(incarnation: 0, state: .alive),
                    metadata: small)
            }
            let bytes = CodecTests.envelope(.state(entries)).bytes(onStream: true)
            let envelope = try? MessageReader.read(bytes, by: .question)
            #expect((envelope != nil) == isRead)
        }
    }

    @Test func aStateIsNeverTooLong() throws {
        let long = longAddress(200)
        let solo = Solo()
        for number in 2...GossipLimits.members {
            let wide = try #require(
                Metadata(
                    http: long, raft: long, gossip: gossipAddress(number), role: .none,
                    version: []))
            solo.apply(Rumour(id: node(number), incarnation: 0, claim: .alive(wide)))
        }
        let bytes = solo.gossip.stateMessage(.state)
        #expect(bytes.count <= GossipLimits.stream && bytes.count > GossipLimits.stream - 600)
        let envelope = try MessageReader.read(bytes, by: .question)
        guard case .state(let entries) = envelope.message else { return }
        #expect(entries.first?.id == node(1))
    }

    @Test func whatIsReplayedChangesNothing() {
        let solo = Solo(others: 4)
        var heard: [[UInt8]] = []
        for rumours in [
            [suspect(3, by: 2)], [alive(3, 1)], [dead(4, by: 2)], [alive(4, 1)], [left(5)],
            [suspect(1, by: 2)],
        ] {
            let bytes = Envelope(
                cluster: cluster, digest: nil, sender: node(2),
                message: .ping(number: 9, target: node(1), rumours: rumours)
            ).bytes(onStream: false)
            heard.append(bytes)
            solo.step(.datagram(bytes, from: gossipAddress(2)))
        }
        let members = solo.gossip.members
        let version = solo.gossip.membersVersion
        var random = RandomSource(seed: 1)
        for _ in 0..<1_000 {
            solo.step(.datagram(heard[random.below(heard.count)], from: gossipAddress(2)))
        }
        #expect(solo.gossip.members == members)
        #expect(solo.gossip.membersVersion == version)
    }

    /// Without a right checksum nothing gets in, whatever it is.
    @Test func randomAndMutatedDatagramsLeaveTheMembersAsTheyWere() {
        let solo = Solo(others: 4)
        let members = solo.gossip.members
        var random = RandomSource(seed: 2)
        let samples = CodecTests.samples.map {
            CodecTests.envelope($0.message).bytes(onStream: $0.way != .datagram)
        }
        let count = 20_000
        for _ in 0..<count {
            var bytes: [UInt8]
            if random.chance(1, in: 4) {
                bytes = (0..<random.below(100)).map { _ in UInt8(random.below(256)) }
            } else {
                bytes = samples[random.below(samples.count)]
                let whole = bytes
                for _ in 0...random.below(3) { Tampering.tamper(&bytes, &random) }
                if bytes == whole { bytes.append(0) }
            }
            switch random.below(4) {
            case 0: solo.step(.called(CallerID(1), bytes))
            case 1: solo.step(.answered(CallID(1), bytes))
            default: solo.step(.datagram(bytes, from: gossipAddress(2)))
            }
        }
        #expect(solo.gossip.members == members)
        #expect(solo.said.isEmpty)
        let counters = solo.gossip.counters
        #expect(counters.malformed + counters.oversized + counters.unexpected == count)
    }

    /// With right checksums some of it is believed, and that must do no more harm than a lie.
    @Test func sealedGarbageDoesNotTrap() {
        let solo = Solo(others: 4, seeds: [gossipAddress(2)], seed: 3)
        var random = RandomSource(seed: 3)
        for round in 0..<4_000 * effort {
            let (message, way) = CodecTests.samples[random.below(CodecTests.samples.count)]
            var envelope = CodecTests.envelope(message, digest: nil)
            envelope.sender = node(2 + random.below(4))
            var bytes = envelope.bytes(onStream: way != .datagram)
            for _ in 0..<random.below(3) { Tampering.tamper(&bytes, &random) }
            Tampering.seal(&bytes, onStream: way != .datagram)
            switch way {
            case .datagram: solo.step(.datagram(bytes, from: gossipAddress(2)))
            case .question: solo.step(.called(CallerID(1), bytes))
            case .answer:
                let call = solo.gossip.calls.last?.id ?? CallID(0)
                solo.step(.answered(call, bytes))
            }
            if round % 4 == 0 { solo.run(for: .milliseconds(10)) }
            solo.said.removeAll(keepingCapacity: true)
            solo.calls.removeAll(keepingCapacity: true)
            solo.notices.removeAll(keepingCapacity: true)
        }
        #expect(solo.state(1) == .alive)
        #expect(solo.gossip.members.count <= GossipLimits.members + 1)
        #expect(solo.gossip.suspicions.count <= solo.gossip.members.count)
    }
}
