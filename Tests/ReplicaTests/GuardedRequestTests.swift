import Calculator
import Primitives
import Raft
import Replica
import Testing
import Wire

/// What becomes of guarded writes on their way into the log.
struct GuardedRequestTests {
    private static let request = CalculatorRequest.guardedWrite(.add(5), key("a", first: 1))
    private static let onCondition = CalculatorRequest.guardedWrite(
        .set(5), WriteGuard(condition: [0]))

    /// n1 leads term 1 at level 2; entries 1 and 2 are committed.
    private static func raised() -> Solo {
        let solo = LevelTests.elected(LevelTests.present, LevelTests.present)
        solo.acknowledge(1)
        solo.persist()
        solo.acknowledge(2)
        return solo
    }

    @Test func aLeaderPutsThemIntoEnvelopes() {
        let solo = Self.raised()
        let asked = solo.ask(Self.request, .add(1), Self.onCondition, Self.request)
        #expect(
            solo.box.kinds(from: LogIndex(3)) == [.envelope, .command, .envelope, .envelope])
        solo.persist()
        solo.acknowledge(6)
        for (offset, request) in asked.enumerated() {
            #expect(
                solo.box.answers(to: request) == [.committed(entry(UInt64(3 + offset), term: 1))])
        }
        #expect(solo.box.engine.machine.value == 6, "the fourth was a replay")
        #expect(solo.box.engine.keyCount == 1)
    }

    @Test func aWriteThatNothingGuardsIsABareCommand() {
        let solo = Self.raised()
        solo.ask(.guardedWrite(.add(1), WriteGuard(firstIndex: 7)))
        #expect(solo.box.kinds(from: LogIndex(3)) == [.command])
    }

    @Test func belowTheSecondLevelTheLeaderRefusesThem() {
        let solo = LevelTests.elected(nil, LevelTests.present)
        solo.acknowledge(1)
        let asked = solo.ask(Self.request, .add(1), Self.onCondition)
        #expect(solo.box.answers(to: asked[0]) == [.unavailable(.unsupported)])
        #expect(solo.box.answers(to: asked[2]) == [.unavailable(.unsupported)])
        #expect(solo.box.kinds(from: LogIndex(2)) == [.command], "and takes the others")
        solo.persist()
        solo.acknowledge(2)
        #expect(solo.box.answers(to: asked[1]) == [.committed(entry(2, term: 1))])
    }

    /// A cluster that was founded just now: the level is about to rise, so clients come again.
    @Test func beforeTheLevelIsRaisedTheyComeTooEarly() throws {
        let solo = LevelTests.elected(LevelTests.present, LevelTests.present)
        let early = solo.ask(Self.request, Self.onCondition)
        // All can do it, and the entry that says so is appended at this turn's end.
        let link = try #require(solo.links.first { $0.peer == 2 }?.link)
        let reply = AppendReply(
            term: solo.status.term, round: 0, outcome: .matched(LogIndex(1)))
        let late = solo.ask([Self.request], after: [.received(.raft(.appendReply(reply)), link)])
        for request in early + late {
            #expect(solo.box.answers(to: request) == [.unavailable(.noLeader)])
        }
        #expect(solo.box.kinds(from: LogIndex(2)) == [.featureLevel])
        solo.ask(Self.request)
        #expect(solo.box.kinds(from: LogIndex(3)) == [.envelope])
    }

    /// Until it has committed an entry of its own, a leader does not know what the cluster can do.
    @Test func aNewLeaderDeniesNothing() {
        let solo = LevelTests.elected(nil, LevelTests.present)
        let early = solo.ask(Self.request)[0]
        #expect(solo.box.answers(to: early) == [.unavailable(.noLeader)])
        solo.acknowledge(1)
        let late = solo.ask(Self.request)[0]
        #expect(solo.box.answers(to: late) == [.unavailable(.unsupported)])
    }

    /// A node that has yet to hear of the level does not deny what the leader can do.
    @Test func aFollowerSendsThemOn() {
        let solo = Solo()
        solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        solo.follow(2, term: 1, entries: [noOperation(term: 1)])
        let asked = solo.ask(Self.request)[0]
        #expect(
            solo.box.answers(to: asked) == [.redirect(leader: name(2), http: Array("n2:80".utf8))])
    }

    /// A new leader takes them before it knows that the level's entry is committed.
    @Test func theLevelAtTheLogsEndCounts() {
        let solo = Solo(
            term: 1, entries: [noOperation(term: 1), LevelTests.levelEntry(2, term: 1)])
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, levels: LevelTests.present)) }
        _ = solo.elect()
        #expect(solo.box.commit == .zero)
        solo.ask(Self.request)
        #expect(solo.box.kinds(from: LogIndex(4)) == [.envelope])
    }

    @Test func deferredOnesStayWhatTheyAre() {
        let solo = Self.raised()
        let asked = solo.ask(.transfer(to: name(2)), Self.request, .add(1))
        #expect(solo.box.kinds(from: LogIndex(3)) == [])
        solo.pass(milliseconds: 170)
        #expect(solo.box.leads(at: solo.now))
        #expect(solo.box.kinds(from: LogIndex(3)) == [.envelope, .command])
        solo.persist()
        solo.acknowledge(4)
        #expect(solo.box.receipt(of: asked[1])?.value == 5)
    }
}

/// What peers may send as entries.
struct EntryCheckTests {
    private static func hear(_ entries: Entry...) -> (Solo, LinkID) {
        let solo = Solo()
        let link = solo.connect(2, solo.hello(of: 2, levels: LevelTests.present))
        solo.follow(2, term: 1, entries: [noOperation(term: 1)])
        solo.follow(2, term: 1, after: entry(1, term: 1), entries: entries)
        return (solo, link)
    }

    @Test func allKindsAreTaken() {
        let (solo, link) = Self.hear(
            command(.set(1), term: 1), LevelTests.levelEntry(2, term: 1),
            envelope(.add(1), key("a")), noOperation(term: 1))
        #expect(solo.status.lastIndex == LogIndex(5))
        #expect(!solo.box.closes.contains(link) && solo.box.end == nil)
    }

    @Test(
        arguments: [
            (.command, []), (.command, [3, 0, 0, 0, 0, 0, 0, 0, 0]), (.noOperation, [0]),
            (.featureLevel, []), (.featureLevel, [2]), (.featureLevel, [2, 0, 0]),
            // No envelope; an envelope of no command, of half a command, of two.
            (.envelope, []), (.envelope, [1, 1, 1, 97]), (.envelope, [1, 1, 1, 97, 2, 1]),
            (.envelope, [1, 1, 1, 97] + [UInt8](repeating: 1, count: 18)),
            // A command where an envelope should be.
            (.envelope, [2, 1, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(EntryKind, [UInt8])])
    func whatIsNotWhatItsKindSaysEndsTheConnection(kind: EntryKind, payload: [UInt8]) {
        let (solo, link) = Self.hear(Entry(term: Term(1), kind: kind, payload: payload))
        #expect(solo.status.lastIndex == LogIndex(1))
        #expect(solo.box.closes.contains(link))
        #expect(solo.box.notices.contains(.badEntries(from: name(2))))
        #expect(solo.box.end == nil)
    }

    @Test func aLevelBeyondThisProgramEndsIt() {
        let (solo, _) = Self.hear(LevelTests.levelEntry(3, term: 1))
        #expect(solo.box.end?.exitCode == 65)
        #expect(solo.box.end?.text.contains("feature level 3") == true)
        #expect(solo.status.lastIndex == LogIndex(1), "it does not get into the log")
    }
}
