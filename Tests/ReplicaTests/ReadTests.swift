import Primitives
import Raft
import Replica
import Testing

/// Linearizable reads on any node, and stale ones.
struct ReadTests {
    /// n1 follows n2, which leads term 1; the first entry is committed.
    private func following() -> Solo {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        solo.follow(2, term: 1, entries: [noOperation(term: 1)], commit: 1)
        _ = solo.said(to: 2)
        return solo
    }

    private func attempts(of solo: Solo, to peer: Int) -> [ReadID] {
        solo.said(to: peer).compactMap {
            if case .readIndexRequest(let request) = $0 { request.id } else { nil }
        }
    }

    private func confirm(_ id: ReadID, _ index: UInt64, term: UInt64, by peer: Int, to solo: Solo) {
        let reply = ReadIndexReply(term: Term(term), id: id, index: LogIndex(index))
        solo.hear(.readIndexReply(reply), from: peer)
    }

    private func newestRound(_ solo: Solo, to peer: Int) -> UInt64 {
        solo.said(to: peer).compactMap { message -> UInt64? in
            if case .appendEntries(let append) = message { append.round } else { nil }
        }.max() ?? 0
    }

    @Test func aLeaderAnswersAfterARoundBegunAfterTheQuestion() {
        let solo = WriteTests.leading()
        let before = newestRound(solo, to: 2)
        let read = solo.ask(.read)[0]
        let round = newestRound(solo, to: 2)
        #expect(round > before)
        solo.acknowledge(1, round: before)
        #expect(solo.box.answer(to: read) == nil)
        solo.acknowledge(1, round: round)
        #expect(solo.box.receipt(of: read)?.entry == entry(1, term: 1))
    }

    @Test func aNewLeaderReadsOnlyAfterItsFirstEntryIsCommitted() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        _ = solo.elect()
        let read = solo.ask(.read)[0]
        solo.acknowledge(0, round: newestRound(solo, to: 2))
        #expect(solo.box.answer(to: read) == nil)
        solo.acknowledge(1, round: newestRound(solo, to: 2))
        #expect(solo.box.answer(to: read) == nil)
        solo.acknowledge(1, round: newestRound(solo, to: 2))
        #expect(solo.box.receipt(of: read)?.value == 0)
    }

    @Test func aFollowerAsksTheLeaderAndAnswersOnceTheIndexIsApplied() {
        let solo = following()
        let reads = solo.ask(.read, .read)
        let ids = attempts(of: solo, to: 2)
        // The process's own number keeps the names of attempts apart after a restart, too.
        #expect(ids.map(\.nonce) == [solo.box.nonce])
        guard let id = ids.first else { return }
        #expect(!solo.box.isBehindReads)
        confirm(id, 2, term: 1, by: 2, to: solo)
        #expect(reads.allSatisfy { solo.box.answer(to: $0) == nil })
        solo.follow(2, term: 1, after: entry(1, term: 1), entries: [command(.set(8), term: 1)])
        #expect(reads.allSatisfy { solo.box.answer(to: $0) == nil })
        // Now it is this node that reads wait for, and no longer the leader.
        #expect(solo.box.isBehindReads)
        solo.follow(2, term: 1, after: entry(2, term: 1), commit: 2)
        #expect(!solo.box.isBehindReads)
        for read in reads {
            #expect(solo.box.answers(to: read).count == 1)
            let receipt = solo.box.receipt(of: read)
            #expect(receipt?.value == 8)
            #expect(receipt?.entry == entry(2, term: 1))
            #expect(receipt?.lastChange == LogIndex(2))
        }
    }

    @Test func aNewLeaderIsAskedUnderANewNameAndOldAnswersMeanNothing() {
        let solo = following()
        let read = solo.ask(.read)[0]
        guard let first = attempts(of: solo, to: 2).first else { Issue.record("unasked"); return }
        solo.follow(
            3, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)], commit: 1)
        guard let second = attempts(of: solo, to: 3).first else { Issue.record("unasked"); return }
        #expect(first != second)
        confirm(first, 1, term: 1, by: 2, to: solo)
        confirm(first, 1, term: 2, by: 3, to: solo)
        confirm(second, 1, term: 1, by: 2, to: solo)
        #expect(solo.box.answer(to: read) == nil)
        confirm(second, 1, term: 2, by: 3, to: solo)
        #expect(solo.box.receipt(of: read)?.entry == entry(1, term: 1))
        confirm(second, 1, term: 2, by: 3, to: solo)
        #expect(solo.box.answers(to: read).count == 1)
    }

    @Test func aLostQuestionIsAskedAgainUnderANewName() {
        let solo = following()
        let read = solo.ask(.read)[0]
        var ids = attempts(of: solo, to: 2)
        for _ in 0..<4 {
            solo.pass(milliseconds: 50)
            solo.follow(2, term: 1, after: entry(1, term: 1), commit: 1)
            ids += attempts(of: solo, to: 2)
        }
        #expect(ids.count == 2)
        #expect(Set(ids).count == 2)
        confirm(ids[0], 1, term: 1, by: 2, to: solo)
        #expect(solo.box.answer(to: read) == nil)
        confirm(ids[ids.count - 1], 1, term: 1, by: 2, to: solo)
        #expect(solo.box.receipt(of: read)?.value == 0)
    }

    /// The connection to the leader ends with the question under way: the next leader is asked.
    @Test func aReadOutlivesTheConnectionToItsLeader() {
        let solo = following()
        let read = solo.ask(.read)[0]
        let first = attempts(of: solo, to: 2)
        solo.disconnect(2)
        solo.follow(
            3, term: 2, after: entry(1, term: 1), entries: [noOperation(term: 2)], commit: 1)
        let second = attempts(of: solo, to: 3)
        #expect(first.count == 1 && second.count == 1 && first != second)
        #expect(solo.box.answer(to: read) == nil)
        confirm(second[0], 1, term: 2, by: 3, to: solo)
        #expect(solo.box.receipt(of: read)?.value == 0)
    }

    /// An index that a leader has confirmed holds under the next one, too.
    @Test func aConfirmedIndexIsAwaitedUnderAnyLeader() {
        let solo = following()
        let read = solo.ask(.read)[0]
        guard let id = attempts(of: solo, to: 2).first else { Issue.record("unasked"); return }
        confirm(id, 2, term: 1, by: 2, to: solo)
        solo.follow(
            3, term: 2, after: entry(1, term: 1),
            entries: [command(.set(8), term: 1), noOperation(term: 2)], commit: 1)
        #expect(attempts(of: solo, to: 3) == [])
        #expect(solo.box.answer(to: read) == nil)
        solo.follow(3, term: 2, after: entry(3, term: 2), commit: 3)
        #expect(solo.box.receipt(of: read)?.value == 8)
    }

    @Test func withoutALeaderAReadIsRefusedAtItsDeadline() {
        let solo = Solo()
        solo.connect(2)
        let read = solo.ask(.read)[0]
        solo.pass(milliseconds: 1_999)
        #expect(solo.box.answer(to: read) == nil)
        solo.pass(milliseconds: 12)
        #expect(solo.box.answers(to: read) == [.unavailable(.noLeader)])
        #expect(!solo.box.hasWaitingRequests)
    }

    @Test func aLeaderWithoutAQuorumAnswersNoRead() {
        let solo = WriteTests.leading()
        let read = solo.ask(.read)[0]
        solo.pass(milliseconds: 2_011)
        #expect(solo.box.answers(to: read) == [.unavailable(.noLeader)])
    }

    @Test func theEngineFollowsTheCommitIndex() {
        let solo = following()
        solo.follow(
            2, term: 1, after: entry(1, term: 1), entries: [command(.set(8), term: 1)], commit: 1)
        #expect(solo.box.engine.machine.value == 0)
        solo.follow(2, term: 1, after: entry(2, term: 1), commit: 2)
        for peer in 2...3 { solo.disconnect(peer) }
        #expect(solo.box.engine.machine.value == 8)
    }

    @Test func afterARestartTheEngineHasTheNotedValue() {
        let entries = [
            noOperation(term: 1), command(.set(8), term: 1), command(.add(1), term: 1),
        ]
        let solo = Solo(term: 1, entries: entries, notedCommit: 2)
        #expect(solo.box.engine.machine.value == 8)
        #expect(solo.box.engine.applied == entry(2, term: 1))
        #expect(solo.status.lastIndex == LogIndex(3))
    }

    @Test func readsBeyondTheBoundAreRefused() {
        let solo = following()
        let bound = ReplicaLimits.waitingReads
        let reads = solo.box.ask(Array(repeating: .read, count: bound + 1), at: solo.now)
        #expect(solo.box.answer(to: reads[bound]) == .unavailable(.overloaded))
        #expect(solo.box.answer(to: reads[bound - 1]) == nil)
    }

    /// A leader that is cut off, as by a pause, answers no read after others went on without it.
    @Test func aLeaderThatWasCutOffNeverReadsWhatIsOld() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        guard let old = stage.elect() else { Issue.record("nobody leads"); return }
        stage.run(milliseconds: 100)
        stage.part(old, from: boxes)
        // It still believes to lead when the question comes.
        let early = stage.ask(old, .read)[0]
        stage.run(milliseconds: 1_000)
        guard let new = stage.boxes.first(where: { $0 !== old && $0.leads(at: stage.now) }) else {
            Issue.record("nobody took over")
            return
        }
        let write = stage.ask(new, .set(7))[0]
        stage.run(milliseconds: 100)
        #expect(new.receipt(of: write)?.value == 7)
        let late = stage.ask(old, .read)[0]
        #expect(old.answer(to: early) == nil && old.answer(to: late) == nil)
        stage.heal()
        stage.run(milliseconds: 800)
        for read in [early, late] { #expect(old.receipt(of: read)?.value == 7) }
    }
}
