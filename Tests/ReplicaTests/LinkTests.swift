import Primitives
import Raft
import Replica
import Testing
import Wire

/// Connections: two at once, silent ones, and those that never say who they are.
struct LinkTests {
    /// n2, with a connection from n1; so that n1 can call it again.
    private func called() -> (solo: Solo, old: LinkID) {
        let solo = Solo(2)
        let old = solo.connect(1)
        _ = solo.said(on: old)
        return (solo, old)
    }

    private func pings(_ messages: [PeerMessage]) -> [UInt64] {
        messages.compactMap { if case .ping(let number) = $0 { number } else { nil } }
    }

    private func refusals(_ messages: [PeerMessage]) -> [Refusal.Reason] {
        messages.compactMap { if case .refusal(let refusal) = $0 { refusal.reason } else { nil } }
    }

    @Test func aSilentConnectionGivesWayToTheRestartedNodeAfterAHeartbeat() {
        let (solo, old) = called()
        let newcomer = solo.connect(1, solo.hello(of: 1, nonce: 71))
        #expect(pings(solo.said(on: old)).count == 1)
        solo.pass(milliseconds: 49)
        #expect(solo.box.closes == [])
        solo.pass(milliseconds: 1)
        #expect(solo.box.closes == [old])
        #expect(solo.box.notices.suffix(2) == [.unlinked(name(1)), .linked(name(1))])
        #expect(refusals(solo.said(on: newcomer)) == [])
    }

    @Test func aConnectionThatAnswersKeepsItsPlace() {
        let (solo, old) = called()
        let copy = solo.connect(1, solo.hello(of: 1, nonce: 71))
        let ping = pings(solo.said(on: old)).first ?? 0
        solo.pass(milliseconds: 20)
        solo.hear(.pong(ping), on: old)
        #expect(refusals(solo.said(on: copy)) == [.duplicate])
        #expect(solo.box.closes == [copy])
    }

    /// An answer to an earlier ping was sent before the node died.
    @Test func anOldAnswerDoesNotSpeakForADeadProcess() {
        let (solo, old) = called()
        solo.pass(milliseconds: 1_600)
        let earlier = pings(solo.said(on: old))
        #expect(earlier.count == 1)
        let newcomer = solo.connect(1, solo.hello(of: 1, nonce: 71))
        solo.hear(.pong(earlier.first ?? 0), on: old)
        solo.pass(milliseconds: 50)
        #expect(solo.box.closes == [old])
        #expect(refusals(solo.said(on: newcomer)) == [])
    }

    @Test func theSecondProcessEnds() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        stage.run(milliseconds: 500)
        let copy = stage.start(boxes[0].disk)
        stage.run(milliseconds: 3_000)
        #expect(copy.end?.text.contains("another process runs n1") == true)
        #expect(stage.isUp(boxes[0]))
        #expect(stage.leader != nil)
    }

    @Test func aNodeThatLostPowerComesBackWhileItsOldConnectionsHang() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        stage.run(milliseconds: 500)
        stage.losePower(boxes[0])
        let again = stage.start(boxes[0].disk)
        stage.run(milliseconds: 150)
        #expect(again.status(at: stage.now).waitingFor == [])
        stage.run(milliseconds: 1_000)
        #expect(stage.isUp(again))
        #expect(again.end == nil)
        let leader = again.status(at: stage.now).leader
        #expect(leader != nil)
    }

    @Test func theSameProcessThatCallsAgainReplacesItsConnection() {
        let (solo, old) = called()
        let again = solo.connect(1)
        #expect(solo.box.closes == [old])
        #expect(refusals(solo.said(on: again)) == [])
        #expect(solo.box.notices.suffix(2) == [.unlinked(name(1)), .linked(name(1))])
    }

    @Test func aHandshakeThatNeverEndsIsCutShort() {
        let solo = Solo()
        let silent = solo.open()
        let talker = solo.open()
        for _ in 0..<30 {
            solo.pass(milliseconds: 100)
            solo.hear(.ping(1), on: talker)
        }
        #expect(Set(solo.box.closes) == [silent, talker])
    }

    @Test func wordsOutOfTurnEndAConnection() {
        let solo = Solo()
        let calling = solo.open(dialed: 2)
        solo.hear(.hello(solo.hello(of: 2)), on: calling)
        let being = solo.open()
        solo.hear(.welcome(solo.hello(of: 2)), on: being)
        let twice = solo.connect(3)
        solo.hear(.welcome(solo.hello(of: 3)), on: twice)
        #expect(solo.box.closes == [calling, being, twice])
    }

    @Test func aSilentConnectionIsAskedAndThenEnded() {
        let (solo, old) = called()
        solo.pass(milliseconds: 900)
        #expect(pings(solo.said(on: old)) == [])
        solo.pass(milliseconds: 700)
        #expect(pings(solo.said(on: old)).count == 1)
        #expect(solo.box.closes == [])
        solo.pass(milliseconds: 3_000)
        #expect(solo.box.closes == [old])
        #expect(solo.box.notices.contains(.unlinked(name(1))))
    }

    @Test func aConnectionThatAnswersItsPingsLives() {
        let (solo, old) = called()
        for _ in 0..<100 {
            solo.pass(milliseconds: 100)
            for ping in pings(solo.said(on: old)) { solo.hear(.pong(ping), on: old) }
        }
        #expect(solo.box.closes == [])
    }

    @Test func aPingIsAnsweredWithItsNumber() {
        let (solo, old) = called()
        solo.hear(.ping(42), on: old)
        #expect(solo.said(on: old) == [.pong(42)])
    }

    @Test func strangersCanNotTakeAllPlaces() {
        let solo = Solo()
        let strangers = (0..<ReplicaLimits.strangers).map { _ in solo.open() }
        let one = solo.open()
        #expect(solo.box.closes == [strangers[0]])
        solo.pass(milliseconds: 2_500)
        solo.box.closes = []
        let link = solo.connect(2)
        #expect(solo.box.closes == [])
        #expect(solo.box.notices.last == .linked(name(2)))
        #expect(link > one)
    }

    @Test func onlyPeersFurtherOnInTheOrderAreCalled() {
        let solo = Solo(2)
        #expect(solo.box.peersToDial == [name(3)])
        let link = solo.open(dialed: 3)
        #expect(solo.box.peersToDial == [])
        solo.turn(.linkClosed(link))
        #expect(solo.box.peersToDial == [name(3)])
    }

    /// What gets into the log is applied by every node, so it is looked at before.
    @Test func entriesThatAreNoCommandsEndTheConnection() {
        let solo = Solo()
        for peer in 2...3 { solo.connect(peer) }
        solo.follow(
            2, term: 1, entries: [noOperation(term: 1), command(.set(5), term: 1)], commit: 2)
        #expect(solo.status.commit == LogIndex(2) && solo.box.engine.machine.value == 5)
        let nonsense = Entry(term: Term(1), kind: .command, payload: [9, 9])
        solo.follow(2, term: 1, after: entry(2, term: 1), entries: [nonsense], commit: 3)
        #expect(solo.status.lastIndex == LogIndex(2) && solo.status.commit == LogIndex(2))
        #expect(solo.status.leader == nil)
    }
}
