import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// The entry that raises the cluster's feature level, and who appends it when.
struct LevelTests {
    static let present = FeatureLevel(1)...FeatureLevel(2)

    /// n1 leads term 1; its no-op, entry 1, is on its disk and not committed.
    static func elected(
        _ second: ClosedRange<FeatureLevel>?, _ third: ClosedRange<FeatureLevel>?
    ) -> Solo {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: second))
        solo.connect(3, solo.hello(of: 3, levels: third))
        _ = solo.elect()
        return solo
    }

    static func levelEntry(_ level: UInt16, term: UInt64) -> Entry {
        Entry(term: Term(term), kind: .featureLevel, payload: FeatureLevel(level).payload)
    }

    /// The entries that the node's log holds from that index on.
    private func kinds(_ solo: Solo, from first: UInt64) -> [EntryKind] {
        solo.box.kinds(from: LogIndex(first))
    }

    @Test func theLeaderRaisesTheLevelOnceItsFirstEntryIsCommitted() {
        let solo = Self.elected(Self.present, Self.present)
        solo.pass(milliseconds: 1)
        #expect(kinds(solo, from: 1) == [.noOperation])
        solo.acknowledge(1)
        #expect(kinds(solo, from: 1) == [.noOperation, .featureLevel])
        #expect(solo.box.featureLevel == .initial)
        solo.persist()
        solo.acknowledge(2)
        #expect(solo.box.featureLevel == FeatureLevel(2))
        #expect(solo.box.notices.contains(.featureLevel(FeatureLevel(2))))
        // Once is enough.
        solo.pass(milliseconds: 200)
        solo.acknowledge(2)
        #expect(solo.status.lastIndex == LogIndex(2))
        #expect(solo.status.role.description == "leader")
    }

    @Test(
        arguments: [nil, FeatureLevel(1)...FeatureLevel(1)] as [ClosedRange<FeatureLevel>?])
    func oneVoterThatCanNotHoldsTheClusterWhereItIs(other: ClosedRange<FeatureLevel>?) {
        let solo = Self.elected(Self.present, other)
        solo.acknowledge(1)
        solo.pass(milliseconds: 100)
        #expect(solo.status.lastIndex == LogIndex(1))
        // It comes back with a newer program.
        solo.disconnect(3)
        solo.pass(milliseconds: 10)
        #expect(solo.status.lastIndex == LogIndex(1))
        solo.connect(3, solo.hello(of: 3, levels: Self.present))
        #expect(kinds(solo, from: 2) == [.featureLevel])
    }

    /// Nobody knows with which program it comes back.
    @Test func aVoterThatIsAwayHoldsTheClusterWhereItIs() {
        let solo = Self.elected(Self.present, Self.present)
        solo.disconnect(3)
        solo.acknowledge(1)
        solo.pass(milliseconds: 100)
        #expect(solo.status.lastIndex == LogIndex(1))
    }

    @Test func theHighestLevelThatAllCanDoIsTaken() {
        let newer = FeatureLevel(1)...FeatureLevel(7)
        let solo = Self.elected(newer, newer)
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        #expect(solo.box.featureLevel == .current)
    }

    @Test func aFollowerRaisesNothing() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: Self.present)) }
        solo.follow(2, term: 1, entries: [noOperation(term: 1)], commit: 1)
        solo.pass(milliseconds: 50)
        #expect(solo.status.lastIndex == LogIndex(1))
    }

    /// The level follows the commit index, and an entry that was cut off raises nothing.
    @Test func aFollowersLevelIsThatOfWhatIsCommitted() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: Self.present)) }
        solo.follow(
            2, term: 1, entries: [noOperation(term: 1), Self.levelEntry(2, term: 1)], commit: 1)
        #expect(solo.box.featureLevel == .initial)
        solo.follow(
            3, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)], commit: 2)
        #expect(solo.box.featureLevel == .initial)
        solo.follow(
            3, term: 2, after: entry(2, term: 2), entries: [Self.levelEntry(2, term: 2)],
            commit: 3)
        #expect(solo.box.featureLevel == FeatureLevel(2))
    }

    @Test func aRestartKnowsTheLevelOfWhatItsMarkSays() {
        let entries = [noOperation(term: 1), Self.levelEntry(2, term: 1)]
        #expect(Solo(term: 1, entries: entries, notedCommit: 1).box.featureLevel == .initial)
        #expect(Solo(term: 1, entries: entries, notedCommit: 2).box.featureLevel == .current)
    }

    @Test func aRestartTellsOnlyWhatIsNew() {
        let entries = [noOperation(term: 1), Self.levelEntry(2, term: 1)]
        for (noted, told) in [(1, 1), (2, 0)] {
            let solo = Solo(term: 1, entries: entries, notedCommit: UInt64(noted))
            solo.connect(2, solo.hello(of: 2, levels: Self.present))
            solo.follow(2, term: 1, after: entry(2, term: 1), commit: 2)
            #expect(solo.box.notices.filter { $0 == .featureLevel(.current) }.count == told)
        }
    }

    /// A leader whose log holds the entry uncommitted does not append a second one.
    @Test func aNewLeaderGoesOnWithTheEntryOfTheLastOne() {
        let solo = Solo(term: 1, entries: [noOperation(term: 1), Self.levelEntry(2, term: 1)])
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: Self.present)) }
        _ = solo.elect()
        solo.acknowledge(3)
        #expect(kinds(solo, from: 1) == [.noOperation, .featureLevel, .noOperation])
        #expect(solo.box.featureLevel == FeatureLevel(2))
    }

    @Test func nothingIsRaisedWhileLeadershipMoves() {
        let solo = Self.elected(Self.present, nil)
        solo.acknowledge(1)
        solo.ask(.transfer(to: name(2)))
        solo.disconnect(3)
        solo.connect(3, solo.hello(of: 3, levels: Self.present))
        #expect(solo.status.lastIndex == LogIndex(1))
    }
}

/// Who is refused, and who ends, for a level that a program can't do.
struct LevelMismatchTests {
    /// n1 follows n2 in a cluster of level 2.
    private static func raised() -> Solo {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        solo.follow(
            2, term: 1, entries: [noOperation(term: 1), LevelTests.levelEntry(2, term: 1)],
            commit: 2)
        return solo
    }

    private func refusals(_ messages: [PeerMessage]) -> [Refusal.Reason] {
        messages.compactMap { if case .refusal(let refusal) = $0 { refusal.reason } else { nil } }
    }

    @Test(
        arguments: [
            (nil, .version), (1...1, .oldVersion), (3...4, .version), (1...2, nil), (2...9, nil),
        ] as [(ClosedRange<UInt16>?, Refusal.Reason?)])
    func whoCanNotDoTheClustersLevelIsRefused(
        range: ClosedRange<UInt16>?, reason: Refusal.Reason?
    ) {
        let solo = Self.raised()
        let levels = range.map { FeatureLevel($0.lowerBound)...FeatureLevel($0.upperBound) }
        let link = solo.connect(3, solo.hello(of: 3, levels: levels))
        #expect(refusals(solo.said(on: link)) == [reason].compactMap { $0 })
        #expect(solo.box.closes.contains(link) == (reason != nil))
        #expect(solo.box.end == nil)
    }

    /// A newer program that has forgotten the first level can't join a cluster that is still there.
    @Test func aProgramThatIsTooNewIsRefused() {
        let solo = Solo()
        let link = solo.connect(3, solo.hello(of: 3, levels: FeatureLevel(2)...FeatureLevel(3)))
        #expect(refusals(solo.said(on: link)) == [.version])
        #expect(solo.box.end == nil)
    }

    @Test func whoStandsAlreadyIsLookedAtAgainWhenTheLevelRises() {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        let old = solo.connect(3)
        _ = solo.said(on: old)
        solo.follow(
            2, term: 1, entries: [noOperation(term: 1), LevelTests.levelEntry(2, term: 1)],
            commit: 1)
        #expect(solo.box.closes == [])
        solo.follow(2, term: 1, after: entry(2, term: 1), commit: 2)
        #expect(solo.box.closes == [old])
        #expect(refusals(solo.said(on: old)) == [.version])
    }

    /// It was called, or it has been let in already: then the claim ends the connection alone.
    @Test(arguments: [(3, false, true), (3, true, false), (2, false, false)])
    func aProgramThatIsTooOldEnds(called: Int, isLetIn: Bool, mustEnd: Bool) throws {
        let solo = called == 3 ? Solo() : Solo(3)
        let link = solo.connect(called, solo.hello(of: called, levels: LevelTests.present))
        if isLetIn { solo.hear(.founding(.founded(Solo.record)), on: link) }
        solo.hear(.refusal(Refusal(reason: .oldVersion, detail: "level 9")), on: link)
        #expect(solo.box.closes.contains(link))
        #expect((solo.box.end != nil) == mustEnd)
        guard mustEnd else { return }
        let end = try #require(solo.box.end)
        #expect(end.exitCode == 65)
        #expect(end.text.contains("level 9") && end.text.contains("version of tally"))
    }

    @Test func anEntryThatRaisesTheLevelTooFarEndsTheNode() throws {
        let solo = Self.raised()
        solo.follow(
            2, term: 1, after: entry(2, term: 1), entries: [LevelTests.levelEntry(3, term: 1)])
        let end = try #require(solo.box.end)
        #expect(end.exitCode == 65)
        #expect(end.text.contains("feature level 3; this one has 2"))
        #expect(solo.status.lastIndex == LogIndex(2))
    }

    @Test func aLogOfANewerClusterEndsTheNodeAtItsStart() throws {
        let solo = Solo(
            term: 1, entries: [noOperation(term: 1), LevelTests.levelEntry(3, term: 1)])
        solo.turn()
        let end = try #require(solo.box.end)
        #expect(end.exitCode == 65 && end.text.contains("feature level 3; this one has 2"))
    }

    /// Only whom Raft listens to.
    @Test func entriesOfAnUnknownKindEndTheNodeWhereAPeerSendsThem() throws {
        let solo = Solo()
        let stranger = solo.open()
        solo.turn(.badFrame(.newerEntries, on: stranger))
        let forgotten = solo.connect(3, solo.hello(of: 3, nonce: 99))
        solo.turn(.badFrame(.newerEntries, on: forgotten))
        #expect(solo.box.end == nil)
        #expect(solo.box.closes == [stranger, forgotten])
        let peer = solo.connect(2)
        solo.turn(.badFrame(.newerEntries, on: peer))
        let end = try #require(solo.box.end)
        #expect(end.exitCode == 65)
        #expect(end.text.contains("n2 sends entries that only a newer version of tally knows"))
        #expect(end.text.contains("this one has 2"))
    }

    @Test(arguments: WireFault.allCases) func badBytesEndTheirConnection(fault: WireFault) {
        let solo = Solo()
        let peer = solo.connect(2)
        let caller = solo.open()
        let called = solo.open(dialed: 3)
        for link in [peer, caller, called] { _ = solo.said(on: link) }
        solo.turn(.badFrame(fault, on: called))
        #expect(solo.said(on: called) == [])
        solo.turn(.badFrame(fault, on: caller))
        #expect(refusals(solo.said(on: caller)) == (fault == .newerVersion ? [.version] : []))
        solo.turn(.badFrame(fault, on: peer))
        #expect(refusals(solo.said(on: peer)) == [])
        #expect(solo.box.closes == [called, caller, peer])
    }
}
