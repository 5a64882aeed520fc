import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// A voter whose disk has lost what it acknowledged: who notices, who hears of it, and who ends.
struct LostEntriesTests {
    /// n1 leads term 1; n3 has acknowledged all five entries, n2 the first two.
    private static func leading() -> Solo {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: LevelTests.present)) }
        _ = solo.elect()
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        solo.ask(.add(1), .add(1), .add(1))
        solo.persist()
        solo.acknowledge(5, from: 3)
        return solo
    }

    /// n3 was started again, and says hello.
    private static func comeBack(
        _ nonce: UInt64, to solo: Solo, levels: ClosedRange<FeatureLevel>? = LevelTests.present
    ) -> LinkID {
        solo.disconnect(3)
        let link = solo.connect(3, solo.hello(of: 3, nonce: nonce, levels: levels))
        solo.persist()
        return link
    }

    private static func reject(_ rejected: UInt64, hint: UInt64, at solo: Solo) {
        solo.hear(
            .appendReply(
                AppendReply(
                    term: Term(1), round: 0,
                    outcome: .conflict(rejected: LogIndex(rejected), hint: entry(hint, term: 1)))),
            from: 3)
    }

    private static func refusals(_ solo: Solo, on link: LinkID) -> [Refusal.Reason] {
        solo.said(on: link).compactMap {
            if case .refusal(let refusal) = $0 { refusal.reason } else { nil }
        }
    }

    @Test func theLeaderRefusesTheProcessAndNoOther() {
        let solo = Self.leading()
        var link = Self.comeBack(71, to: solo)
        Self.reject(5, hint: 3, at: solo)
        #expect(Self.refusals(solo, on: link) == [.lostEntries])
        #expect(solo.box.closes.contains(link))
        // It is told so at every call.
        link = Self.comeBack(71, to: solo)
        #expect(Self.refusals(solo, on: link) == [.lostEntries])
        // The directory that has it all is put back.
        link = Self.comeBack(72, to: solo)
        #expect(Self.refusals(solo, on: link) == [])
        solo.acknowledge(5, from: 3)
        solo.ask(.add(1))
        solo.persist()
        solo.acknowledge(6, from: 3)
        #expect(solo.status.commit == LogIndex(6))
    }

    @Test func itsAcknowledgementsDoNotCommit() {
        let solo = Self.leading()
        let write = solo.ask(.add(1))[0]
        solo.persist()
        _ = Self.comeBack(71, to: solo)
        Self.reject(5, hint: 3, at: solo)
        #expect(solo.box.answer(to: write) == nil && solo.status.commit == LogIndex(5))
        solo.acknowledge(6, from: 2)
        #expect(solo.box.receipt(of: write)?.value == 4)
    }

    /// It could not read why it is refused.
    @Test func aProgramWithoutLevelsIsFedAsBefore() {
        let solo = Self.leading()
        let link = Self.comeBack(71, to: solo, levels: nil)
        Self.reject(5, hint: 3, at: solo)
        #expect(Self.refusals(solo, on: link) == [] && !solo.box.closes.contains(link))
    }

    /// Only the answer to a call of its own can end a node, as the first words after the welcome.
    @Test(arguments: [(true, false), (true, true), (false, false)])
    func whoeverHearsItOnItsOwnCallEnds(isOwnCall: Bool, isLetIn: Bool) {
        let solo = Solo()
        let link = solo.open(dialed: isOwnCall ? 2 : nil)
        let hello = solo.hello(of: 2, levels: LevelTests.present)
        solo.hear(isOwnCall ? .welcome(hello) : .hello(hello), on: link)
        if isLetIn { solo.hear(.founding(.founded(Solo.record)), on: link) }
        let refusal = Refusal(reason: .lostEntries, detail: "n1 has lost entries")
        solo.hear(.refusal(refusal), on: link)
        #expect(solo.box.end?.exitCode == (isOwnCall && !isLetIn ? 65 : nil))
        if let end = solo.box.end {
            #expect(end.text.contains("n2 refuses this node: n1 has lost entries"))
            #expect(end.text.contains("put that one back"))
        }
    }

    /// A whole cluster, whose disks keep what they synced but for one.
    @Test(arguments: [1, 2, 3, 4, 5, 6]) func theNodeEndsAndTheOthersGoOn(number: Int) throws {
        let stage = Stage(founders: 3)
        _ = stage.startAll()
        stage.run(milliseconds: 1_000)
        for value in 1...6 {
            _ = stage.ask(try #require(stage.elect()), .add(Int64(value)))
            stage.run(milliseconds: 20)
        }
        let leader = try #require(stage.elect())
        let followers = stage.boxes.filter { $0 !== leader }
        let loser = followers[number % 2]
        stage.crash(loser)
        loser.disk.loseEntries(1 + number)
        let back = stage.start(loser.disk)
        stage.run(milliseconds: 3_000)
        #expect(back.end?.exitCode == 65)
        #expect(stage.boxes.count == 2 && leader.leads(at: stage.now))
        let write = stage.ask(leader, .add(1))[0]
        stage.run(milliseconds: 100)
        #expect(leader.receipt(of: write)?.value == 22)
        // Nothing was lost by a restart alone.
        let other = stage.restart(followers[1 - number % 2])
        stage.run(milliseconds: 2_000)
        #expect(other.end == nil && stage.boxes.count == 2 && stage.violations == [])
    }
}
