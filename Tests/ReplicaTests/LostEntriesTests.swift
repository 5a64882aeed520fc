import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// A voter whose disk has lost what it acknowledged: who notices, who hears of it, and who ends.
struct LostEntriesTests {
    /// n1 leads term 1; n3 has acknowledged all five entries, n2 the first two. Where n2 runs an old
    /// program, the cluster stays at feature level 1.
    private static func leading(isN2Old: Bool = false) -> Solo {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: isN2Old ? nil : LevelTests.present))
        solo.connect(3, solo.hello(of: 3, levels: LevelTests.present))
        _ = solo.elect()
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        solo.ask(.add(1), .add(1), .add(1))
        // The entry that raises the level is the fifth.
        if isN2Old { solo.ask(.add(1)) }
        solo.persist()
        solo.acknowledge(5, from: 3)
        return solo
    }

    private static func end(_ last: UInt64, in term: UInt64 = 1) -> LogEnd {
        LogEnd(term: Term(term), last: entry(last, term: last == 0 ? 0 : 1))
    }

    /// n3 was started again, and says hello.
    private static func comeBack(
        _ nonce: UInt64, to solo: Solo, end: LogEnd?,
        levels: ClosedRange<FeatureLevel>? = LevelTests.present
    ) -> LinkID {
        solo.disconnect(3)
        let link = solo.connect(3, solo.hello(of: 3, nonce: nonce, levels: levels, logEnd: end))
        solo.persist()
        return link
    }

    /// What the leader has said on a connection since it was looked at last.
    private struct Reception: Equatable {
        var refusals: [Refusal.Reason] = []
        /// Whether it speaks as to a follower.
        var isLetIn = false

        static let letIn = Reception(isLetIn: true)

        init(refusals: [Refusal.Reason] = [], isLetIn: Bool = false) {
            self.refusals = refusals
            self.isLetIn = isLetIn
        }

        init(_ solo: Solo, on link: LinkID) {
            for message in solo.said(on: link) {
                switch message {
                case .refusal(let refusal): refusals.append(refusal.reason)
                case .founding, .raft(.appendEntries): isLetIn = true
                default: break
                }
            }
        }
    }

    @Test func theLeaderRefusesTheProcessAndNoOther() {
        let solo = Self.leading()
        for _ in 0..<2 {
            // It is told so at every call, and before it is let in.
            let link = Self.comeBack(71, to: solo, end: Self.end(3))
            let reception = Reception(solo, on: link)
            #expect(reception == Reception(refusals: [.lostAcknowledgement]))
            #expect(solo.box.closes.contains(link))
        }
        let lost = solo.box.notices.compactMap { notice -> LostEntries? in
            if case .raft(.lostEntries(let lost)) = notice { lost } else { nil }
        }
        #expect(lost.count == 1 && lost.first?.peer == name(3))
        #expect(lost.first?.acknowledged == LogIndex(5) && lost.first?.held == LogIndex(3))
        let match = solo.status.peers.first { $0.node == name(3) }?.match
        #expect(match == .zero)
        // One whose disk holds it all.
        let link = Self.comeBack(72, to: solo, end: Self.end(5))
        #expect(Reception(solo, on: link) == .letIn)
    }

    @Test(arguments: [
        LogEnd(term: Term(1), last: entry(5, term: 1)),
        LogEnd(term: Term(1), last: entry(6, term: 1)),
        LogEnd(term: Term(2), last: entry(3, term: 1)), nil,
    ])
    func whoeverMayHoldItAllIsLetIn(end: LogEnd?) {
        let solo = Self.leading()
        let link = Self.comeBack(71, to: solo, end: end)
        #expect(Reception(solo, on: link) == .letIn)
    }

    /// The hello of the process that acknowledged may have been long on its way.
    @Test func theSameProcessIsLetIn() {
        let solo = Self.leading()
        let link = Self.comeBack(70, to: solo, end: Self.end(0))
        #expect(Reception(solo, on: link) == .letIn)
    }

    /// It could not read why it is refused, and does not say where its log ends.
    @Test func aProgramWithoutLevelsIsFedAsBefore() {
        let solo = Self.leading(isN2Old: true)
        let link = Self.comeBack(71, to: solo, end: nil, levels: nil)
        #expect(Reception(solo, on: link) == .letIn)
    }

    /// A process that was refused calls in the words of an older program.
    @Test func noOtherWordsGetItIn() {
        let solo = Self.leading(isN2Old: true)
        _ = Self.comeBack(71, to: solo, end: Self.end(3))
        let link = Self.comeBack(71, to: solo, end: nil, levels: nil)
        #expect(Reception(solo, on: link) == Reception(refusals: [.version]))
        // So does one that was started later, and says nothing that proves anything.
        let later = Self.comeBack(72, to: solo, end: nil, levels: nil)
        #expect(Reception(solo, on: later) == .letIn)
    }

    /// The old connection hangs, and what it acknowledged last is still on its way when the new process
    /// introduces itself.
    @Test func whatTheOldProcessSaysLastCounts() {
        let solo = Self.leading()
        solo.ask(.add(1))
        solo.persist()
        let old = solo.links.last { $0.peer == 3 }!.link
        let link = solo.connect(
            3, solo.hello(of: 3, nonce: 71, levels: LevelTests.present, logEnd: Self.end(5)))
        #expect(Reception(solo, on: link) == Reception())
        let late = AppendReply(term: Term(1), round: 0, outcome: .matched(LogIndex(6)))
        solo.hear(.raft(.appendReply(late)), on: old)
        solo.acknowledge(6, from: 2)
        solo.pass(milliseconds: 500)
        #expect(Reception(solo, on: link) == Reception(refusals: [.lostAcknowledgement]))
        #expect(solo.box.closes.contains(old) && solo.box.closes.contains(link))
    }

    /// Only the answer to a call of its own can end a node, as the first words after the welcome.
    @Test(arguments: [(true, false), (true, true), (false, false)])
    func whoeverHearsItOnItsOwnCallEnds(isOwnCall: Bool, isLetIn: Bool) {
        let solo = Solo()
        let link = solo.open(dialed: isOwnCall ? 2 : nil)
        let hello = solo.hello(of: 2, levels: LevelTests.present)
        solo.hear(isOwnCall ? .welcome(hello) : .hello(hello), on: link)
        if isLetIn { solo.hear(.founding(.founded(Solo.record)), on: link) }
        let refusal = Refusal(reason: .lostAcknowledgement, detail: "n1 has lost entries")
        solo.hear(.refusal(refusal), on: link)
        #expect(solo.box.end?.exitCode == (isOwnCall && !isLetIn ? 65 : nil))
        if let end = solo.box.end {
            #expect(end.text.contains("n2 refuses this node: n1 has lost entries"))
            #expect(end.text.contains("leave this node out"))
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
