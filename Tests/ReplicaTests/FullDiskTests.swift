import Primitives
import Raft
import Replica
import Testing

/// A leader whose disk is full gives its leadership away, and takes no writes where nobody takes it.
struct FullDiskTests {
    private func targets(_ solo: Solo) -> [Int] {
        (2...3).filter { peer in
            solo.said(to: peer).contains {
                if case .timeoutNow = $0 { true } else { false }
            }
        }
    }

    @Test func leadershipGoesAndWritesWaitForItsNewPlace() {
        let solo = WriteTests.leading()
        solo.turn(.diskFull(true))
        #expect(solo.box.notices.contains(.diskFull(true)))
        #expect(targets(solo) == [2])
        let asked = solo.ask(.add(5))
        #expect(solo.box.answer(to: asked[0]) == nil, "it is held")
        let last = solo.status.lastIndex
        solo.hear(
            .voteRequest(VoteRequest(term: Term(2), last: entry(last.number, term: 1))), from: 2)
        solo.persist()
        solo.follow(
            2, term: 2, after: entry(last.number, term: 1), entries: [noOperation(term: 2)])
        #expect(solo.status.lastIndex == last.next, "the entry that begins the term has room")
        #expect(
            solo.box.answer(to: asked[0]) == .redirect(leader: name(2), http: Array("n2:80".utf8)))
    }

    @Test func whereNobodyTakesItReadsGoOnAndWritesAreRefused() {
        let solo = WriteTests.leading()
        solo.disconnect(3)
        solo.turn(.diskFull(true))
        let early = solo.ask(.add(5))
        // Only n2 is heard: it has the whole log and lets the order pass, as if its disk were full.
        solo.pass(milliseconds: 170)
        #expect(solo.box.leads(at: solo.now))
        #expect(solo.box.answer(to: early[0]) == .unavailable(.diskFull))
        #expect(solo.ask(.add(6)).map { solo.box.answer(to: $0) } == [.unavailable(.diskFull)])
        #expect(solo.status.lastIndex == LogIndex(1))
        let read = solo.ask(.read)
        let round = solo.said(to: 2).compactMap {
            if case .appendEntries(let append) = $0 { append.round } else { nil }
        }.max()
        solo.acknowledge(1, round: round ?? 0)
        #expect(solo.box.receipt(of: read[0]) != nil)
    }

    @Test func onceThereIsRoomItTakesWritesAgain() {
        let solo = WriteTests.leading()
        solo.disconnect(2)
        solo.disconnect(3)
        solo.turn(.diskFull(true))
        #expect(solo.ask(.add(5)).map { solo.box.answer(to: $0) } == [.unavailable(.diskFull)])
        solo.turn(.diskFull(true), .diskFull(false))
        #expect(solo.box.notices.count { $0 == .diskFull(true) } == 1)
        #expect(solo.ask(.add(6)).map { solo.box.answer(to: $0) } == [nil])
        #expect(solo.status.lastIndex == LogIndex(2))
    }

    @Test func aProgramFromBeforeTheLevelsIsNotTold() {
        for levels in [nil, FeatureLevel.initial ... .current] {
            let solo = Solo()
            solo.connect(2, solo.hello(of: 2, levels: levels))
            solo.turn(.diskFull(true))
            _ = solo.said(to: 2)
            solo.follow(2, term: 1, entries: [noOperation(term: 1)])
            let told = solo.said(to: 2).compactMap {
                if case .appendReply(let reply) = $0 { reply.isDiskFull } else { nil }
            }
            #expect(told.last == (levels != nil))
        }
    }
}
