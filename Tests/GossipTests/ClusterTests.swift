import Primitives
import Testing

@testable import Gossip

/// Whole clusters.
@Suite struct ClusterTests {
    /// Members 1 to n, which know each other.
    private func formed(_ count: Int, profile: Profile = .local) -> Stage {
        let stage = Stage()
        for number in 1...count { stage.add(number, seeds: [0], profile: profile) }
        let taken = stage.wait(atMost: .milliseconds(10_000)) {
            stage.all(0..<count, hold: 1...count)
        }
        #expect(taken != nil)
        return stage
    }

    @Test(arguments: [2, 3, 5, 9])
    func anyMemberLetsAllOthersIn(count: Int) {
        for seed in 0..<count {
            let stage = Stage()
            for number in 1...count { stage.add(number, seeds: [seed]) }
            let taken = stage.wait(atMost: .milliseconds(3_000)) {
                stage.all(0..<count, hold: 1...count)
            }
            #expect(taken != nil, "through \(seed)")
            for player in 0..<count { #expect(!stage.players[player].isAlone) }
        }
    }

    @Test func aChainOfSeedsIsEnough() {
        let stage = Stage()
        // Each knows only the one that starts after it.
        for number in 1...5 {
            stage.add(number, seeds: [number])
            stage.run(for: .milliseconds(300))
        }
        let taken = stage.wait(atMost: .milliseconds(15_000)) { stage.all(0..<5, hold: 1...5) }
        #expect(taken != nil)
    }

    @Test(arguments: [3, 5])
    func aKilledMemberIsDeadEverywhereSoon(count: Int) {
        var longest = Timespan.zero
        for wait in 0..<10 {
            let stage = formed(count)
            stage.run(for: .milliseconds(2_000 + wait * 37))
            stage.players[0].isRunning = false
            let taken = stage.wait(atMost: .milliseconds(5_000)) {
                (1..<count).allSatisfy { stage.state(of: 1, at: $0) == .dead }
            }
            longest = max(longest, taken ?? .milliseconds(5_000))
            #expect(stage.all(1..<count, hold: 2...count))
        }
        #expect(longest < .milliseconds(2_500), "\(longest.wholeMilliseconds) ms")
    }

    @Test(arguments: [2, 3, 5, 20])
    func aGoodByeIsHeardEverywhereSoon(count: Int) {
        let stage = formed(count)
        stage.step(0, .leave)
        #expect(!stage.players[0].hasLeft)
        let said = stage.wait(atMost: .milliseconds(600)) { stage.players[0].gossip.hasLeft }
        #expect(said != nil)
        stage.players[0].isRunning = false
        let taken = stage.wait(atMost: .milliseconds(1_000)) {
            (1..<count).allSatisfy { stage.state(of: 1, at: $0) == .left }
        }
        #expect(taken != nil)
        stage.run(for: .milliseconds(10_000))
        #expect((1..<count).allSatisfy { stage.state(of: 1, at: $0) == .left })
    }

    @Test func aGoodByeDoesNotTakeForEver() {
        let stage = formed(3)
        stage.passes = { _, _, _ in false }
        stage.step(0, .leave)
        stage.run(for: .milliseconds(600))
        #expect(stage.players[0].hasLeft)
        #expect(stage.players[0].gossip.deadline == .never)
        // Whoever has nobody to tell has told everybody.
        let solo = Solo()
        solo.step(.leave)
        #expect(solo.hasLeft)
    }

    @Test func theLeavingIsNotCalledBack() {
        let solo = Solo(others: 2)
        solo.step(.leave)
        solo.apply(dead(1, by: 2), suspect(1, by: 2))
        #expect(solo.state(1) == .left)
        #expect(solo.gossip.incarnation == 0)
    }

    @Test func halvesFindEachOther() {
        for count in [4, 6] {
            let stage = formed(count)
            stage.passes = { one, other, _ in one % 2 == other % 2 }
            stage.run(for: .milliseconds(20_000))
            for player in 0..<count {
                for number in 1...count {
                    let isNear = (number - 1) % 2 == player % 2
                    #expect(stage.state(of: number, at: player) == (isNear ? .alive : .dead))
                }
            }
            stage.passes = { _, _, _ in true }
            let taken = stage.wait(atMost: .milliseconds(20_000)) {
                stage.all(0..<count, hold: 1...count)
            }
            #expect(taken != nil)
        }
    }

    @Test func aMemberThatWasStoppedIsBackSoon() {
        let stage = formed(5)
        stage.players[2].isRunning = false
        stage.run(for: .milliseconds(5_000))
        #expect(stage.state(of: 3, at: 0) == .dead)
        // Nobody asks it any more; it learns by the first ack.
        stage.players[2].isRunning = true
        let taken = stage.wait(atMost: .milliseconds(3_000)) { stage.all(0..<5, hold: 1...5) }
        #expect(taken != nil)
    }

    @Test func aMemberThatMovedIsFoundWithinSeconds() {
        let stage = formed(3)
        for number in 1...3 {
            // It ends, and starts elsewhere with the incarnation that its host has kept.
            let old = stage.addresses.last { $0.player == number - 1 }?.player ?? 0
            stage.players[old].isRunning = false
            let incarnation = stage.players[old].gossip.incarnation
            let others = stage.players.indices.filter { stage.players[$0].isRunning }
            let new = stage.add(number, seeds: [others[0]], incarnation: incarnation)
            let taken = stage.wait(atMost: .milliseconds(5_000)) {
                (others + [new]).allSatisfy { player in
                    stage.players[player].gossip.members.contains {
                        $0.id == node(number) && $0.state == .alive
                            && $0.metadata.gossip == gossipAddress(new)
                    }
                }
            }
            #expect(taken != nil)
            stage.run(for: .milliseconds(3_000))
        }
    }

    @Test func whereDatagramsAreBlockedStreamsKeepItTogether() {
        let stage = formed(3)
        stage.notices.removeAll()
        stage.passes = { one, other, isStream in isStream || (one != 2 && other != 2) }
        stage.run(for: .milliseconds(30_000))
        #expect(stage.all(0..<3, hold: 1...3))
        let said = stage.notices.filter { $0.notice == .datagramsBlocked(node(3)) }.map(\.player)
        #expect(said.sorted() == [0, 1])
    }

    @Test func aMemberThatHearsNobodySaysSo() {
        let stage = formed(3)
        stage.passes = { one, other, _ in one != 0 && other != 0 }
        stage.run(for: .milliseconds(4_000))
        #expect(stage.players[0].isAlone)
        #expect(!stage.players[1].isAlone)
        stage.passes = { _, _, _ in true }
        stage.run(for: .milliseconds(6_000))
        #expect(!stage.players[0].isAlone)
        // Whoever has no seeds and knows nobody misses nobody.
        let solo = Solo(seeds: [gossipAddress(1)])
        solo.run(for: .milliseconds(10_000))
        #expect(!solo.isAlone)
        #expect(solo.calls.isEmpty)
        let lost = Solo(seeds: [gossipAddress(2)])
        lost.run(for: .milliseconds(1_900))
        #expect(!lost.isAlone)
        lost.run(for: .milliseconds(200))
        #expect(lost.isAlone)
        // Again and again, with pauses of a second in the end.
        lost.run(for: .milliseconds(60_000))
        #expect((50...100).contains(lost.calls.count), "\(lost.calls.count)")
    }

    @Test func itKnowsItselfUnderAnotherSpelling() {
        let stage = Stage()
        let player = stage.add(1, seeds: [9])
        stage.addresses.append((gossipAddress(9), player))
        stage.run(for: .milliseconds(5_000))
        #expect(!stage.players[player].isAlone)
        #expect(stage.players[player].gossip.incarnation == 0)
        #expect(stage.notices.isEmpty)
    }

    @Test func twoProcessesOfOneNameFightSlowly() {
        let stage = formed(4)
        let twin = stage.add(1, seeds: [1])
        stage.run(for: .milliseconds(2_000))
        let messages = stage.messages
        let incarnation = stage.players[0].gossip.incarnation
        stage.run(for: .milliseconds(60_000))
        // About one lift in ten periods each, and no storm of messages: a ping and an ack for each
        // member and period, and what the failing probes add.
        let lifts = stage.players[0].gossip.incarnation - incarnation
        #expect(lifts < 200, "\(lifts)")
        #expect(stage.messages - messages < 5 * 300 * 8, "\(stage.messages - messages)")
        #expect(stage.all(1..<4, hold: 2...4))
        let twins = stage.notices.filter { notice in
            if case .twin = notice.notice { true } else { false }
        }
        #expect(twins.contains { $0.player == 0 } && twins.contains { $0.player == twin })
        #expect(twins.count <= 6)
    }

    @Test func aQuietClusterSaysWhatItMustAndNoMore() {
        var rates: [Int] = []
        for count in [4, 16] {
            let stage = formed(count, profile: .lan)
            stage.run(for: .milliseconds(20_000))
            let before = stage.messages
            stage.run(for: .milliseconds(100_000))
            rates.append((stage.messages - before) * 1_000 / count / 100)
        }
        // A ping and an ack a period.
        for rate in rates { #expect((1_960...2_040).contains(rate), "\(rate) a thousand seconds") }
    }
}
