import Founding
import Primitives
import Raft
import Testing
import Wire

@testable import Replica

/// Two versions of the greeting, one connection at a time.
struct GreetingVersionTests {
    private func hello(_ messages: [PeerMessage]) -> Hello? {
        messages.compactMap { message -> Hello? in
            switch message {
            case .hello(let hello), .welcome(let hello): hello
            default: nil
            }
        }.first
    }

    /// n1 calls n3. Returns the connection and the levels that the call names.
    private func call(_ solo: Solo) -> (link: LinkID, levels: ClosedRange<FeatureLevel>?) {
        let link = solo.open(dialed: 3)
        return (link, hello(solo.said(on: link))?.levels)
    }

    @Test func aCallThatIsClosedBeforeAnyAnswerIsFollowedByOneInOldWords() {
        let solo = Solo()
        for isPlain in [false, true, false, true] {
            let (link, levels) = call(solo)
            #expect(levels == (isPlain ? nil : LevelTests.present))
            solo.turn(.linkClosed(link))
        }
    }

    /// The next process there may be of another version.
    @Test func afterAnAnswerTheNextCallNamesLevelsAgain() {
        let solo = Solo()
        solo.turn(.linkClosed(call(solo).link))
        let (link, levels) = call(solo)
        #expect(levels == nil)
        solo.hear(.welcome(solo.hello(of: 3)), on: link)
        #expect(solo.box.notices.last == .linked(name(3)))
        solo.turn(.linkClosed(link))
        #expect(call(solo).levels == LevelTests.present)
    }

    @Test func aRefusalIsAnAnswer() {
        let solo = Solo()
        let (link, _) = call(solo)
        solo.hear(.refusal(Refusal(reason: .stranger, detail: "who")), on: link)
        #expect(call(solo).levels == LevelTests.present)
    }

    /// That the other side takes its time says nothing about its version.
    @Test func aCallThatThisNodeGivesUpIsFollowedByOneLikeIt() {
        let solo = Solo()
        let (link, _) = call(solo)
        solo.pass(milliseconds: 3_000)
        #expect(solo.box.closes == [link])
        #expect(call(solo).levels == LevelTests.present)
    }

    @Test func otherNodesAreCalledInTheirOwnTurn() {
        let solo = Solo()
        solo.turn(.linkClosed(call(solo).link))
        let second = solo.open(dialed: 2)
        #expect(hello(solo.said(on: second))?.levels == LevelTests.present)
        #expect(call(solo).levels == nil)
    }

    @Test(arguments: [nil, LevelTests.present]) func aCallerIsAnsweredInItsOwnVersion(
        levels: ClosedRange<FeatureLevel>?
    ) {
        let solo = Solo(2)
        let link = solo.open()
        solo.hear(.hello(solo.hello(of: 1, levels: levels)), on: link)
        let said = solo.said(on: link)
        #expect(hello(said)?.levels == levels)
        // Whoever could have named levels is asked to.
        #expect(said.contains(.ping(0)) == (levels == nil))
    }

    @Test func fromTheSecondLevelOnNobodyIsCalledInOldWords() {
        let entries = [noOperation(term: 1), LevelTests.levelEntry(2, term: 1)]
        let solo = Solo(term: 1, entries: entries, notedCommit: 2)
        for _ in 0..<3 {
            let (link, levels) = call(solo)
            #expect(levels == LevelTests.present)
            solo.turn(.linkClosed(link))
        }
    }

    /// The call was in old words by accident: the other side knows levels, and says so.
    @Test func aCallInOldWordsIsMadeAgainWhereTheOtherSideKnowsBetter() {
        let solo = Solo()
        solo.turn(.linkClosed(call(solo).link))
        let (link, _) = call(solo)
        solo.hear(.welcome(solo.hello(of: 3)), on: link)
        solo.hear(.ping(0), on: link)
        #expect(solo.box.closes == [link])
        #expect(call(solo).levels == LevelTests.present)
    }

    @Test func otherwiseThatPingIsAnsweredAsAnyOther() {
        let solo = Solo()
        for link in [
            solo.connect(2), solo.connect(3, solo.hello(of: 3, levels: LevelTests.present)),
        ] {
            _ = solo.said(on: link)
            solo.hear(.ping(0), on: link)
            #expect(solo.said(on: link) == [.pong(0)])
        }
    }

    /// It is asked once, long before the contest, and its answer may have been under way since.
    @Test func theAnswerToThatPingSettlesNoContest() {
        let solo = Solo(2)
        let old = solo.connect(1)
        let newcomer = solo.connect(1, solo.hello(of: 1, nonce: 71))
        solo.hear(.pong(0), on: old)
        #expect(solo.box.closes == [])
        solo.pass(milliseconds: 50)
        #expect(solo.box.closes == [old])
        #expect(solo.box.speaker(on: newcomer) == .introduced)
    }

    @Test(arguments: [nil, LevelTests.present]) func snapshotsComeFromWhoHasNamedLevels(
        levels: ClosedRange<FeatureLevel>?
    ) {
        let messages: [Message] = [
            .installSnapshot(
                InstallSnapshot(
                    term: Term(1), round: 1, last: entry(9, term: 1), total: 4, offset: 0,
                    bytes: [1])),
            .snapshotReply(
                SnapshotReply(term: Term(1), round: 1, last: entry(9, term: 1), received: 0)),
        ]
        for message in messages {
            let solo = Solo()
            let link = solo.connect(2, solo.hello(of: 2, levels: levels))
            solo.hear(.raft(message), on: link)
            #expect(solo.box.closes.contains(link) == (levels == nil))
            #expect((solo.status.term == Term(1)) == (levels != nil))
        }
    }
}

/// Programs from before the feature levels beside newer ones, and the way from the ones to the others.
struct OldProgramTests {
    /// Which of three nodes run the old program; all are founded, and time has passed.
    private static func cluster(old: Set<Int>) throws -> (stage: Stage, boxes: [Box]) {
        let stage = Stage(founders: 3)
        let boxes = (1...3).map { number in
            stage.start(
                stage.freshDisk(number), levels: old.contains(number) ? nil : LevelTests.present)
        }
        stage.run(milliseconds: 2_000)
        _ = try #require(stage.elect())
        return (stage, boxes)
    }

    private func write(_ stage: Stage, _ value: Int64) throws {
        let leader = try #require(stage.elect())
        let request = stage.ask(leader, .set(value))[0]
        stage.run(milliseconds: 300)
        #expect(leader.receipt(of: request)?.value == value)
        for box in stage.boxes { #expect(box.engine.machine.value == value) }
    }

    @Test(arguments: [[1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3]] as [Set<Int>])
    func oldAndNewProgramsWorkTogether(old: Set<Int>) throws {
        let (stage, _) = try Self.cluster(old: old)
        let ended = stage.endedConnections
        for value in 1...5 {
            try write(stage, Int64(value))
            stage.run(milliseconds: 2_000)
        }
        // Nobody drops a connection and makes it again.
        #expect(stage.endedConnections == ended)
        #expect(stage.connections.count == 3)
        #expect(stage.boxes.count == 3 && stage.violations == [])
        for box in stage.boxes { #expect(box.featureLevel == .initial) }
    }

    @Test func newProgramsAloneRaiseTheLevelAtOnce() throws {
        let (stage, _) = try Self.cluster(old: [])
        #expect(stage.endedConnections == 0)
        try write(stage, 7)
        for box in stage.boxes { #expect(box.featureLevel == .current) }
        #expect(stage.violations == [])
    }

    /// One node after the other is started with the new program, whichever leads.
    @Test(arguments: [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
    func theLevelRisesWhenTheLastOldProgramIsReplaced(order: [Int]) throws {
        let (stage, boxes) = try Self.cluster(old: [1, 2, 3])
        for (step, number) in order.enumerated() {
            try write(stage, Int64(step))
            for box in stage.boxes { #expect(box.featureLevel == .initial) }
            stage.crash(boxes[number - 1])
            stage.run(milliseconds: 500)
            stage.start(boxes[number - 1].disk)
            stage.run(milliseconds: 2_500)
        }
        try write(stage, 9)
        for box in stage.boxes { #expect(box.featureLevel == .current) }
        let ended = stage.endedConnections
        stage.run(milliseconds: 5_000)
        #expect(stage.endedConnections == ended)
        #expect(stage.boxes.count == 3 && stage.violations == [])
    }

    /// Every first connection between two nodes is cut before its answer, so that the call in old words
    /// comes to a new program.
    @Test func newProgramsThatMetInOldWordsMeetAgain() throws {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        for (caller, called) in [(0, 1), (0, 2), (1, 2)] {
            stage.close(stage.connect(boxes[caller], to: boxes[called]))
        }
        stage.run(milliseconds: 3_000)
        try write(stage, 3)
        for box in boxes { #expect(box.featureLevel == .current) }
        #expect(stage.violations == [])
    }

    /// The old program has no word for it: it is told as well as it can be, and the others go on.
    @Test(arguments: 1...3) func aRollBackBelowTheClustersLevelIsKeptOut(number: Int) throws {
        let (stage, boxes) = try Self.cluster(old: [])
        try write(stage, 1)
        stage.crash(boxes[number - 1])
        // An old program could not read this disk; another one of that identity could not, either.
        let blank = TestDisk(
            of: name(number), id: boxes[number - 1].disk.id,
            founding: boxes[number - 1].disk.founding,
            hardState: boxes[number - 1].disk.hardState, starts: boxes[number - 1].disk.starts,
            peerStarts: boxes[number - 1].disk.peerStarts)
        let old = stage.start(blank, levels: nil)
        stage.run(milliseconds: 5_000)
        #expect(stage.leader != nil && stage.leader !== old)
        #expect(old.status(at: stage.now).lastIndex == .zero)
        #expect(stage.violations == [])
        #expect(stage.boxes.allSatisfy { $0.end == nil } && stage.boxes.count == 3)
    }

    /// A program that knows levels, and too few of them.
    @Test(arguments: 1...3) func aProgramThatIsLeftBehindEndsByItself(number: Int) throws {
        let (stage, boxes) = try Self.cluster(old: [])
        try write(stage, 1)
        stage.crash(boxes[number - 1])
        let blank = TestDisk(
            of: name(number), id: boxes[number - 1].disk.id,
            founding: boxes[number - 1].disk.founding,
            hardState: boxes[number - 1].disk.hardState, starts: boxes[number - 1].disk.starts,
            peerStarts: boxes[number - 1].disk.peerStarts)
        let left = stage.start(blank, levels: .initial ... .initial)
        stage.run(milliseconds: 5_000)
        #expect(left.end?.exitCode == 65)
        #expect(!stage.isUp(left))
        #expect(stage.boxes.count == 2 && stage.leader != nil && stage.violations == [])
    }
}
