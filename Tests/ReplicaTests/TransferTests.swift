import Primitives
import Raft
import Replica
import Testing

/// Changes of leadership that somebody asked for, and what clients are told meanwhile.
struct TransferTests {
    /// What n1 told a peer to do.
    private func orders(_ solo: Solo, to peer: Int) -> [TimeoutNow] {
        solo.said(to: peer).compactMap {
            if case .timeoutNow(let order) = $0 { order } else { nil }
        }
    }

    /// n2 or n3 leads the term after n1's.
    private func lose(_ solo: Solo, to peer: Int, term: UInt64 = 2) {
        let last = solo.status.lastIndex
        solo.hear(
            .voteRequest(VoteRequest(term: Term(term), last: entry(last.number, term: 1))),
            from: peer)
        solo.persist()
        solo.follow(
            peer, term: term, after: entry(last.number, term: 1),
            entries: [noOperation(term: term)])
    }

    @Test func whoAskedHearsWhoLeads() {
        let solo = WriteTests.leading()
        let asked = solo.ask(.transfer(to: name(2)))[0]
        #expect(orders(solo, to: 2).map(\.last) == [entry(1, term: 1)])
        #expect(solo.box.answer(to: asked) == nil)
        lose(solo, to: 2)
        #expect(solo.box.answers(to: asked) == [.leads(name(2), Term(2))])
        #expect(!solo.box.hasWaitingRequests)
    }

    @Test func whoAskedForAnotherIsToldSo() {
        let solo = WriteTests.leading()
        let asked = solo.ask(.transfer(to: name(2)), .transfer(to: nil), .transfer(to: name(3)))
        #expect(solo.box.answer(to: asked[2]) == .transferFailed, "one goes on already")
        lose(solo, to: 3)
        #expect(solo.box.answer(to: asked[0]) == .transferFailed)
        #expect(solo.box.answer(to: asked[1]) == .leads(name(3), Term(2)))
    }

    @Test func aTransferOfWhichNothingComesIsAnsweredAndWritesGoOn() {
        let solo = WriteTests.leading()
        let asked = solo.ask(.transfer(to: name(2)), .add(5))
        solo.pass(milliseconds: 170)
        #expect(solo.box.leads(at: solo.now))
        #expect(solo.box.answer(to: asked[0]) == .transferFailed)
        #expect(solo.box.answer(to: asked[1]) == nil, "it is proposed now")
        solo.persist()
        solo.acknowledge(2, from: 3)
        #expect(solo.box.receipt(of: asked[1])?.value == 5)
    }

    @Test func writesOfTheTurnInWhichATransferBeginsBelongToTheOldLeader() {
        let solo = WriteTests.leading()
        let asked = solo.ask(.add(5), .transfer(to: name(2)), .add(6))
        #expect(solo.status.lastIndex == LogIndex(2), "the first is proposed, the second held")
        solo.persist()
        solo.acknowledge(2)
        #expect(solo.box.receipt(of: asked[0])?.value == 5)
        lose(solo, to: 2)
        #expect(solo.box.answer(to: asked[1]) == .leads(name(2), Term(2)))
        #expect(
            solo.box.answer(to: asked[2])
                == .redirect(leader: name(2), http: Array("n2:80".utf8)))
    }

    @Test func aLeaderJustElectedHandsOver() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        _ = solo.elect()
        solo.turn(.stopRequested)
        #expect(!solo.box.hasHandedOver)
        solo.acknowledge(1)
        #expect(orders(solo, to: 2).count == 1)
    }

    @Test func aHeldWriteWaitsNoLongerThanAnyOther() {
        let solo = WriteTests.leading()
        solo.ask(.transfer(to: name(2)))
        let write = solo.ask(.add(5))[0]
        // Leadership is gone, and nobody is known to have it, over and over.
        for term in 2...40 {
            solo.hear(
                .voteRequest(VoteRequest(term: Term(UInt64(term)), last: entry(1, term: 1))),
                from: 2)
            solo.persist()
            solo.pass(milliseconds: 60)
        }
        #expect(solo.box.answers(to: write) == [.unavailable(.noLeader)])
    }

    @Test func writesThatComeMeanwhileGoToTheNewLeader() {
        let solo = WriteTests.leading()
        solo.ask(.transfer(to: name(2)))
        let write = solo.ask(.add(5))[0]
        #expect(solo.box.answer(to: write) == nil)
        #expect(solo.status.lastIndex == LogIndex(1), "a leader that transfers proposes nothing")
        solo.hear(
            .voteRequest(VoteRequest(term: Term(2), last: entry(1, term: 1))), from: 2)
        solo.persist()
        let later = solo.ask(.add(6))[0]
        #expect(solo.box.answer(to: later) == nil, "nobody is known to lead yet")
        lose(solo, to: 2)
        for id in [write, later] {
            #expect(
                solo.box.answers(to: id)
                    == [.redirect(leader: name(2), http: Array("n2:80".utf8))])
        }
    }

    @Test func wherePeopleAskTheWrongNodeOrForTheWrongOne() {
        let solo = WriteTests.leading()
        #expect(solo.box.answer(to: solo.ask(.transfer(to: name(9)))[0]) == .notAVoter)
        #expect(
            solo.box.answer(to: solo.ask(.transfer(to: name(1)))[0])
                == .leads(name(1), Term(1)))
        lose(solo, to: 3)
        #expect(
            solo.box.answer(to: solo.ask(.transfer(to: name(2)))[0])
                == .redirect(leader: name(3), http: Array("n3:80".utf8)))
    }

    @Test func aLeaderThatIsAboutToEndHandsOverFirst() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        solo.persist()
        solo.turn(.stopRequested)
        #expect(!solo.box.hasHandedOver && orders(solo, to: 2).isEmpty, "n2 lacks an entry")
        let meanwhile = solo.ask(.set(6))
        solo.acknowledge(2)
        #expect(solo.box.receipt(of: write)?.value == 5)
        #expect(orders(solo, to: 2).count == 1)
        #expect(solo.box.answer(to: meanwhile[0]) == nil)
        lose(solo, to: 2)
        #expect(solo.box.hasHandedOver && !solo.box.hasWaitingRequests)
        #expect(
            solo.box.answer(to: meanwhile[0])
                == .redirect(leader: name(2), http: Array("n2:80".utf8)))
    }

    @Test func whereTheFirstDoesNotTakeItTheNextOneIsAsked() {
        let solo = WriteTests.leading()
        solo.acknowledge(1, from: 3)
        solo.turn(.stopRequested)
        #expect(orders(solo, to: 2).count == 1)
        solo.disconnect(2)
        #expect(orders(solo, to: 3).count == 1)
        lose(solo, to: 3)
        #expect(solo.box.hasHandedOver)
    }

    @Test func whereNobodyCanLeadClientsAreToldThatItStops() {
        let solo = WriteTests.leading()
        for peer in 2...3 { solo.disconnect(peer) }
        let write = solo.ask(.set(5))[0]
        solo.turn(.stopRequested)
        #expect(solo.box.hasHandedOver)
        #expect(solo.box.answer(to: solo.ask(.set(6))[0]) == .unavailable(.stopping))
        #expect(solo.box.answer(to: write) == nil, "its fate is not known")
        solo.pass(milliseconds: 2_100)
        #expect(solo.box.answer(to: write) == .unknownOutcome)
    }

    /// Whatever the order in which the nodes are asked to end, nobody is left without an answer.
    @Test func aRollingRestartLosesNothing() {
        let stage = Stage(founders: 3)
        _ = stage.startAll()
        stage.run(milliseconds: 500)
        for round in 1...6 {
            guard let leader = stage.elect() else { Issue.record("nobody leads"); return }
            let write = stage.ask(leader, .add(1))[0]
            stage.turn(leader, [.stopRequested])
            let meanwhile = stage.ask(leader, .add(100))[0]
            stage.run(milliseconds: 20)
            #expect(leader.receipt(of: write)?.value == Int64(round))
            guard case .redirect = leader.answer(to: meanwhile) else {
                Issue.record("not sent on: \(String(describing: leader.answer(to: meanwhile)))")
                return
            }
            #expect(leader.hasHandedOver && stage.leader.map { $0 !== leader } == true)
            stage.restart(leader)
            stage.run(milliseconds: 500)
        }
        #expect(stage.violations == [])
    }
}
