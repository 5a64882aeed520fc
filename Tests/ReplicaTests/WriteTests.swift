import Primitives
import Raft
import Replica
import Testing

/// The fate of a write: what its client is told, and when.
struct WriteTests {
    /// n1 leads term 1; the entry that began the term is committed.
    static func leading() -> Solo {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        _ = solo.elect()
        solo.acknowledge(1)
        precondition(solo.status.commit == LogIndex(1) && solo.box.leads(at: solo.now))
        return solo
    }

    private func superseded(_ answer: Replica.Answer?) -> Bool {
        answer == .unavailable(.superseded)
    }

    @Test func aWriteIsAcknowledgedWhenAMajorityHasItOnDisk() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        // The other's disk alone is no majority, and neither is the own.
        solo.acknowledge(1)
        #expect(solo.box.answer(to: write) == nil)
        solo.persist()
        #expect(solo.box.answer(to: write) == nil)
        solo.acknowledge(2)
        let receipt = solo.box.receipt(of: write)
        #expect(receipt?.value == 5)
        #expect(receipt?.entry == entry(2, term: 1))
        #expect(receipt?.lastChange == LogIndex(2))
    }

    @Test func aMajorityOfOthersIsEnough() {
        let solo = WriteTests.leading()
        let write = solo.ask(.add(5))[0]
        solo.acknowledge(2, from: 2)
        #expect(solo.box.answer(to: write) == nil)
        solo.acknowledge(2, from: 3)
        #expect(solo.box.receipt(of: write)?.value == 5)
        #expect(solo.box.write != nil)
    }

    @Test func aClusterOfOneAnswersAfterItsSync() {
        let stage = Stage(founders: 1)
        let one = stage.startAll()[0]
        stage.run(milliseconds: 500)
        stage.hungDisks = [one]
        let write = stage.ask(one, .set(9))[0]
        stage.settle()
        #expect(one.answer(to: write) == nil)
        stage.hungDisks = []
        stage.settle()
        #expect(one.receipt(of: write)?.value == 9)
    }

    @Test func manyWritesOfOneTurnAreAnsweredInOrder() {
        let solo = WriteTests.leading()
        let writes = solo.ask(.set(10), .add(1), .add(-4), .set(.max), .add(1), .set(0))
        solo.persist()
        solo.acknowledge(7)
        let answers = writes.map { solo.box.answers(to: $0) }
        #expect(answers.allSatisfy { $0.count == 1 })
        let receipts = writes.compactMap { solo.box.receipt(of: $0) }
        #expect(receipts.map(\.value) == [10, 11, 7, .max, .max, 0])
        #expect(receipts.map(\.entry) == (2...7).map { entry($0, term: 1) })
        #expect(receipts.map(\.lastChange.number) == [2, 3, 4, 5, 5, 7])
        #expect(receipts.map(\.isOverflow) == [false, false, false, false, true, false])
    }

    /// Raft figure 8: the entry leaves the own log, comes back through another leader, and counts.
    @Test func aDeposedLeaderKeepsItsClientsUntilTheEntryComesBack() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        solo.persist()
        solo.follow(2, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)])
        #expect(solo.status.lastIndex == LogIndex(2))
        #expect(solo.box.answer(to: write) == nil)
        solo.follow(
            3, term: 3, after: entry(1, term: 1),
            entries: [command(.set(5), term: 1), noOperation(term: 3)])
        #expect(solo.box.answer(to: write) == nil)
        solo.follow(3, term: 3, after: entry(3, term: 3), commit: 3)
        let receipt = solo.box.receipt(of: write)
        #expect(receipt?.value == 5)
        #expect(receipt?.entry == entry(2, term: 1))
        #expect(solo.box.answers(to: write).count == 1)
    }

    @Test func anotherLeaderMayCommitTheWrite() {
        let solo = WriteTests.leading()
        let write = solo.ask(.add(5))[0]
        solo.persist()
        solo.follow(
            2, term: 2, after: entry(2, term: 1), entries: [noOperation(term: 2)], commit: 3)
        #expect(solo.box.receipt(of: write)?.entry == entry(2, term: 1))
    }

    @Test func aWriteIsSupersededWhenAnotherEntryIsCommittedAtItsIndex() {
        let solo = WriteTests.leading()
        let writes = solo.ask(.set(5), .set(6))
        solo.persist()
        solo.follow(2, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)])
        #expect(solo.box.answer(to: writes[0]) == nil)
        solo.follow(2, term: 2, after: entry(2, term: 2), commit: 2)
        #expect(superseded(solo.box.answer(to: writes[0])))
        // Nothing is known of the second one's index.
        #expect(solo.box.answer(to: writes[1]) == nil)
    }

    @Test func aStopThatCanWaitNoLongerAnswersEverybody() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        solo.persist()
        // A majority of the others is silent: nothing more is known of the write.
        solo.turn(.stopRequested)
        #expect(solo.box.answer(to: write) == nil && solo.box.hasWaitingRequests)
        solo.turn(.requestsAbandoned)
        #expect(solo.box.answers(to: write) == [.unknownOutcome])
        #expect(!solo.box.hasWaitingRequests)
    }

    @Test func aWriteIsUnknownAtItsDeadline() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        solo.persist()
        solo.follow(2, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)])
        solo.pass(milliseconds: 1_999)
        #expect(solo.box.answer(to: write) == nil)
        solo.pass(milliseconds: 12)
        #expect(solo.box.answers(to: write) == [.unknownOutcome])
        #expect(!solo.box.hasWaitingRequests)
        // It may still come to pass; its client is not told twice.
        solo.follow(
            3, term: 3, after: entry(1, term: 1),
            entries: [command(.set(5), term: 1), noOperation(term: 3)], commit: 3)
        #expect(solo.box.answers(to: write).count == 1)
        #expect(solo.box.engine.machine.value == 5)
    }

    /// A leader without a quorum stops leading, and guesses nothing.
    @Test func aLeaderThatStepsDownKeepsItsClients() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        solo.persist()
        solo.pass(milliseconds: 1_000)
        #expect(!solo.box.leads(at: solo.now))
        #expect(solo.box.answer(to: write) == nil)
    }

    /// n1 led, lost a long tail, and leads again with a shorter log: its new writes stand before
    /// old ones that still wait.
    @Test func newWritesMayStandBeforeOldOnes() {
        let solo = WriteTests.leading()
        let old = solo.ask(.set(2), .set(3), .set(4), .set(5), .set(6))
        solo.persist()
        solo.follow(2, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)])
        solo.disconnect(2)
        let term = solo.elect(by: 3)
        #expect(term == Term(3))
        let new = solo.ask(.set(40))
        solo.persist()
        #expect(solo.status.lastIndex == LogIndex(4))
        solo.acknowledge(4, from: 3)
        #expect(solo.box.receipt(of: new[0])?.entry == entry(4, term: 3))
        #expect(old[0...2].allSatisfy { superseded(solo.box.answer(to: $0)) })
        #expect(old[3...4].allSatisfy { solo.box.answer(to: $0) == nil })
        let later = solo.ask(.add(1), .add(1))
        solo.persist()
        solo.acknowledge(6, from: 3)
        #expect(later.map { solo.box.receipt(of: $0)?.value } == [41, 42])
        #expect(old[3...4].allSatisfy { superseded(solo.box.answer(to: $0)) })
    }

    @Test func aFollowerRedirectsToALeaderThatItIsConnectedTo() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        solo.follow(2, term: 1, entries: [noOperation(term: 1)])
        let asked = solo.ask(.set(5), .add(5))
        let redirect = Replica.Answer.redirect(leader: name(2), http: Array("n2:80".utf8))
        #expect(asked.allSatisfy { solo.box.answer(to: $0) == redirect })
        solo.disconnect(2)
        let again = solo.ask(.set(5))
        #expect(solo.box.answer(to: again[0]) == .unavailable(.noLeader))
    }

    @Test func writesBeyondTheBoundAreRefused() {
        let solo = WriteTests.leading()
        let bound = ReplicaLimits.waitingWrites
        let writes = solo.box.ask(
            Array(repeating: .add(1), count: bound + 1), at: solo.now)
        #expect(solo.box.answer(to: writes[bound]) == .unavailable(.overloaded))
        #expect(solo.box.answer(to: writes[bound - 1]) == nil)
        let more = solo.ask(.add(1))
        #expect(solo.box.answer(to: more[0]) == .unavailable(.overloaded))
        solo.persist()
        solo.acknowledge(UInt64(bound) + 1)
        #expect(solo.box.engine.machine.value == Int64(bound))
        let after = solo.ask(.add(1))
        #expect(solo.box.answer(to: after[0]) == nil)
    }

    /// A deposition that comes in the same turn, after the clients asked, loses nothing and proposes
    /// nothing.
    @Test func writesOfATurnInWhichTheLeaderFallsAreNotApplied() {
        let solo = WriteTests.leading()
        let link = solo.links[0].link
        let reply = VoteReply(term: Term(9), granted: false)
        let asked = solo.box.ask(
            [.set(5)], then: [.received(.raft(.voteReply(reply)), on: link)], at: solo.now)
        #expect(solo.box.answers(to: asked[0]) == [.unavailable(.noLeader)])
        #expect(solo.status.lastIndex == LogIndex(1))
    }

    /// Acknowledged writes survive whichever node goes away; none is applied twice.
    @Test func acknowledgedWritesSurviveTheirLeaders() {
        let stage = Stage(founders: 3)
        _ = stage.startAll()
        var acknowledged: Int64 = 0
        for round in 0..<6 {
            guard let leader = stage.elect() else { Issue.record("nobody leads"); return }
            let writes = stage.ask(leader, .add(1), .add(1), .add(1))
            stage.run(milliseconds: 100)
            #expect(writes.allSatisfy { leader.receipt(of: $0) != nil })
            acknowledged += 3
            if round % 2 == 0 { stage.crash(leader) } else { stage.losePower(leader) }
            stage.run(milliseconds: 400)
            stage.start(leader.disk)
            // Hanging connections are given up after a while of silence.
            stage.run(milliseconds: 5_000)
            let reads = stage.boxes.map { box in (box, stage.ask(box, .read)[0]) }
            stage.run(milliseconds: 200)
            for (box, read) in reads {
                #expect(box.receipt(of: read)?.value == acknowledged)
            }
        }
        #expect(stage.violations == [])
    }
}
