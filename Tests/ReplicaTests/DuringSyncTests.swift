import Founding
import Primitives
import Raft
import Replica
import Testing
import Wire

/// Messages and clients that come while the disk is at work: between a write and its completion.
struct DuringSyncTests {
    private func terms(on disk: TestDisk) -> [UInt64] {
        let log = disk.log()
        return (0..<log.lastIndex.number).map { log.term(at: LogIndex($0 + 1)).number }
    }

    private func starts(_ solo: Solo, of peer: Int) -> [UInt64]? {
        solo.box.write?.peerStarts.filter { $0.node == name(peer) }.map(\.start.number)
    }

    // MARK: Bootstrap

    /// n1 has asked for the pledge of the record of disks 1, 2 and 3.
    private func pledging() -> Solo {
        let solo = Solo(founding: .newborn)
        for peer in 2...3 { solo.connect(peer, solo.hello(of: peer, founding: .newborn)) }
        precondition(solo.box.write?.founding == .pledged(Solo.record))
        return solo
    }

    @Test func aPledgeUnderWayIsAskedForOnce() {
        let solo = pledging()
        let id = solo.box.write?.id
        solo.disconnect(3)
        solo.connect(3, solo.hello(of: 3, nonce: 71, founding: .pledged(Solo.record)))
        #expect(solo.box.write?.id == id && solo.box.founding == .newborn)
        solo.box.persist(at: solo.now)
        #expect(solo.box.founding == .pledged(Solo.record))
        #expect(solo.box.write == nil, "n2 has not pledged")
    }

    @Test func aPeerThatComesBackWithAnotherDiskDuringThePledgeIsRejectedByIt() {
        let solo = pledging()
        solo.disconnect(2)
        let link = solo.connect(2, solo.hello(of: 2, disk: 22, founding: .newborn))
        #expect(!solo.box.closes.contains(link), "nothing speaks against it before the pledge")
        solo.persist()
        #expect(solo.box.founding == .pledged(Solo.record))
        #expect(solo.box.closes.contains(link))
        let reasons = solo.said(on: link).compactMap { message -> Refusal.Reason? in
            if case .refusal(let refusal) = message { refusal.reason } else { nil }
        }
        #expect(reasons == [.otherDisk])
        #expect(solo.status.waitingFor == [name(2), name(3)])
    }

    @Test func aPeerWithAnotherRecordDuringThePledgeEndsThisNode() throws {
        let other = try #require(
            FoundingRecord(
                cluster: Box.cluster,
                members: [
                    .init(node: name(1), disk: DiskID(1)), .init(node: name(2), disk: DiskID(2)),
                    .init(node: name(3), disk: DiskID(33)),
                ]))
        let solo = pledging()
        solo.disconnect(3)
        solo.connect(3, solo.hello(of: 3, disk: 33, founding: .pledged(other)))
        #expect(solo.box.end == nil)
        solo.persist()
        #expect(solo.box.founding == .pledged(Solo.record), "a disk pledges once")
        solo.pass(milliseconds: 2_600)
        #expect(solo.box.end?.text.contains("neither can be founded") == true)
    }

    /// The last pledge becomes known while the own one is being written, or just after.
    @Test func theBootstrapGoesOnWithWhatWasHeardMeanwhile() {
        let solo = pledging()
        for (_, link) in solo.links { solo.hear(.founding(.pledged(Solo.record)), on: link) }
        #expect(solo.box.founding == .newborn)
        solo.box.persist(at: solo.now)
        #expect(solo.box.founding == .pledged(Solo.record))
        #expect(solo.box.write?.founding == .founded(Solo.record))
        #expect(starts(solo, of: 2) == [] && starts(solo, of: 3) == [], "known from before")
        // A process that appears during this write is remembered by the next.
        solo.disconnect(3)
        solo.connect(3, solo.hello(of: 3, nonce: 90))
        solo.box.persist(at: solo.now)
        #expect(solo.box.record == Solo.record)
        #expect(starts(solo, of: 3) == [91])
        solo.persist()
        #expect(solo.box.write == nil)
    }

    // MARK: Starts of peers

    /// What Raft says in a process counts only once its start is on disk, however many come meanwhile.
    @Test func aProcessIsHeardOnceItsStartIsOnDisk() {
        let solo = Solo()
        solo.connect(2)
        solo.hearAppend(from: 2, term: 1, entries: [noOperation(term: 1)])
        #expect(solo.box.write?.peerStarts == [])
        let vote = Message.voteRequest(VoteRequest(term: Term(7), last: entry(9, term: 6)))
        solo.connect(3, solo.hello(of: 3, nonce: 80))
        solo.hear(vote, from: 3)
        #expect(solo.status.term == Term(1))
        solo.box.persist(at: solo.now)
        #expect(starts(solo, of: 3) == [81])
        // Its successor comes while that is being written.
        solo.disconnect(3)
        solo.connect(3, solo.hello(of: 3, nonce: 81))
        solo.hear(vote, from: 3)
        solo.box.persist(at: solo.now)
        solo.hear(vote, from: 3)
        #expect(solo.status.term == Term(1), "only the one before is on disk")
        #expect(starts(solo, of: 3) == [82])
        solo.box.persist(at: solo.now)
        solo.hear(vote, from: 3)
        #expect(solo.status.term == Term(7))
    }

    // MARK: The log

    @Test func entriesReplacedDuringTheirWriteAreReplacedByTheNext() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        let id = solo.box.write?.id
        solo.hearAppend(
            from: 2, term: 2, after: entry(1, term: 1),
            entries: [noOperation(term: 2), command(.set(6), term: 2)])
        #expect(solo.box.write?.id == id, "one write at a time")
        _ = solo.said(to: 2)
        solo.box.persist(at: solo.now)
        #expect(terms(on: solo.box.disk) == [1, 1])
        #expect(solo.said(to: 2) == [], "the term is not on disk")
        solo.persist()
        #expect(terms(on: solo.box.disk) == [1, 2, 2])
        #expect(solo.box.disk.hardState.term == Term(2))
        let reply = AppendReply(term: Term(2), round: 0, outcome: .matched(LogIndex(3)))
        #expect(solo.said(to: 2) == [.appendReply(reply)])
        solo.follow(2, term: 2, after: entry(3, term: 2), commit: 3)
        #expect(solo.box.answer(to: write) == .unavailable(.superseded))
        #expect(solo.box.engine.machine.value == 6)
    }

    @Test func aCrashDuringTheWriteTakesWhatOthersHaveCommitted() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        for peer in 2...3 { solo.acknowledge(2, from: peer) }
        #expect(solo.box.receipt(of: write)?.value == 5)
        #expect(solo.status.commit == LogIndex(2) && solo.box.write != nil)
        // The disk has the first entry alone, and its mark says no more than that.
        solo.box.disk.notedCommit = LogIndex(1)
        let again = Box(
            disk: solo.box.disk, nonce: 8, founders: Solo.record.voters, at: solo.now)
        #expect(again.commit == LogIndex(1) && again.engine.machine.value == 0)
        #expect(again.status(at: solo.now).lastIndex == LogIndex(1))
    }

    // MARK: Clients

    @Test func writesAndReadsThatComeMeanwhileAreAnswered() {
        let solo = WriteTests.leading()
        let first = solo.ask(.set(5))[0]
        let id = solo.box.write?.id
        let later = solo.ask(.add(1), .read)
        #expect(solo.box.write?.id == id)
        let round = solo.said(to: 2).compactMap { message -> UInt64? in
            if case .appendEntries(let append) = message { append.round } else { nil }
        }.max()
        // The follower's disk is no faster: it confirms the round with what it has.
        solo.acknowledge(1, round: round ?? 0)
        #expect(solo.box.receipt(of: later[1])?.value == 0, "the read waits for no disk")
        solo.acknowledge(3)
        #expect(solo.box.answer(to: first) == nil)
        solo.box.persist(at: solo.now)
        #expect(solo.box.receipt(of: first)?.value == 5)
        #expect(solo.box.answer(to: later[0]) == nil, "its own write has just begun")
        solo.box.persist(at: solo.now)
        #expect(solo.box.receipt(of: later[0])?.value == 6)
    }

    @Test func leadershipIsHandedOverWithoutTheOwnDisk() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        let asked = solo.ask(.transfer(to: name(2)))[0]
        #expect(solo.box.write != nil)
        _ = solo.said(to: 2)
        solo.acknowledge(2)
        let orders = solo.said(to: 2).compactMap { message -> TimeoutNow? in
            if case .timeoutNow(let order) = message { order } else { nil }
        }
        #expect(orders.map(\.last) == [entry(2, term: 1)])
        let vote = VoteRequest(term: Term(2), last: entry(2, term: 1))
        solo.hear(.voteRequest(vote), from: 2)
        #expect(solo.said(to: 2) == [], "the vote waits for the disk")
        solo.persist()
        #expect(solo.said(to: 2) == [.voteReply(VoteReply(term: Term(2), granted: true))])
        solo.follow(
            2, term: 2, after: entry(2, term: 1), entries: [noOperation(term: 2)], commit: 3)
        #expect(solo.box.receipt(of: write)?.value == 5)
        #expect(solo.box.answer(to: asked) == .leads(name(2), Term(2)))
    }

    @Test func aLeaderWithAStalledDiskStepsDownAndItsClientsWait() {
        let solo = WriteTests.leading()
        let write = solo.ask(.set(5))[0]
        for _ in 0..<6 {
            solo.pass(milliseconds: 50)
            for peer in 2...3 { solo.acknowledge(1, from: peer) }
        }
        #expect(!solo.box.leads(at: solo.now))
        #expect(solo.box.notices.contains(.raft(.diskStalled(.milliseconds(300)))))
        #expect(solo.box.answer(to: solo.ask(.set(6))[0]) == .unavailable(.noLeader))
        #expect(solo.box.answer(to: write) == nil)
        solo.pass(milliseconds: 1_000)
        #expect(solo.status.term == Term(1) && solo.box.isRole("follower", at: solo.now))
        solo.box.persist(at: solo.now)
        solo.pass(milliseconds: 300)
        #expect(solo.box.isRole("precandidate", at: solo.now))
    }
}
