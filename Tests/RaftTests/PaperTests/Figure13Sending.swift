import Primitives
import Testing

@testable import Raft

/// Raft §7 and figure 13: InstallSnapshot, from the leader's side.
@Suite struct Figure13Sending {
    /// n3 is back after n1's log was cut behind a snapshot; messages to it are under way.
    private func behind(at index: UInt64 = 5) -> Stage {
        let stage = Stage.withoutThird()
        stage.save(n1, at: index)
        stage.now = stage.now + .milliseconds(20)
        stage.rejoin(n3)
        return stage
    }

    private func pieces(_ stage: Stage) -> [InstallSnapshot] {
        stage.sent(n1, to: n3).compactMap(\.asInstallSnapshot)
    }

    private func isWithThird(_ packet: Packet) -> Bool { packet.from == n3 || packet.to == n3 }

    /// n1 asks how much n3 has, and n3 answers; the first piece is under way.
    private func startSending(_ stage: Stage) {
        #expect(pieces(stage).map(\.bytes) == [[]])
        exchange(stage)
    }

    /// What is under way to n3 arrives, and then what is under way from it.
    private func exchange(_ stage: Stage) {
        stage.deliverOnce { $0.to == n3 }
        stage.deliverOnce { $0.from == n3 }
    }

    @Test("§7 A leader that has discarded the next entry that it needs to send sends the snapshot")
    func sendsTheSnapshot() {
        let stage = behind()
        startSending(stage)
        #expect(pieces(stage).map(\.last) == [entry(5, term: 1)])
        stage.deliver()
        #expect(stage[n3].installs == [stage.snapshot(at: 5)])
        #expect(stage[n3].raft.log.base == entry(5, term: 1) && stage[n3].log == "1:e")
        #expect(stage[n3].raft.commit == LogIndex(6), "the next message brings the commit index")
        #expect(stage[n1].raft.peers[1].match == LogIndex(6))
        #expect(stage[n3].writes.compactMap(\.base) == [entry(5, term: 1)])
        let said = stage[n1].notices.suffix(2)
        #expect(Array(said) == [.behind(n3, entries: 6), .caughtUp(n3)])
    }

    @Test("Figure 13: pieces go in order, one at a time, and no entries meanwhile")
    func onePieceAtATime() {
        let stage = behind()
        let state = stage.snapshot(at: 5)
        stage.submit(n1, "f", "g")
        var sent: [Range<Int>] = []
        startSending(stage)
        while let piece = pieces(stage).first {
            #expect(stage.sent(n1, to: n3).count == 1)
            sent.append(Int(piece.offset)..<Int(piece.offset) + piece.bytes.count)
            exchange(stage)
        }
        #expect(sent.flatMap { $0 } == Array(0..<state.bytes.count))
        #expect(sent.dropLast().allSatisfy { $0.count == 16 } && sent.count > 1)
        stage.deliver()
        #expect(stage[n3].log == "1:e 1:f 1:g")
    }

    @Test(
        "Questions are heartbeats: they keep the follower and the leader in their parts, and its reads"
    )
    func heartbeats() {
        let stage = behind()
        stage.cut(n1, n2)
        stage.cut(n2, n3)
        stage.withholdInstalls(n3)
        stage.run(for: .milliseconds(2_000))
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.term == Term(1))
        #expect(stage[n3].raft.leader == n1 && stage[n3].installs.count == 1)
        stage.read(n1, 7)
        stage.deliver()
        #expect(stage[n1].readsReady.map(\.index) == [LogIndex(6)])
        stage.read(n3, 8)
        stage.deliver()
        #expect(stage[n3].readsReady.map(\.index) == [LogIndex(6)])
        stage.install(n3)
        stage.deliver()
        #expect(stage[n3].log == "1:e")
    }

    @Test(
        "A lost piece, or a lost answer, is found out by the next heartbeat's answer, and by no other"
    )
    func lostPiece() {
        for losesAnswer in [false, true] {
            let stage = behind()
            startSending(stage)
            let lost = pieces(stage)
            #expect(lost.count == 1 && lost[0].offset == 0)
            if losesAnswer { stage.deliverOnce { $0.to == n3 } }
            stage.drop(isWithThird)
            stage.expire(n1)
            #expect(pieces(stage).map(\.bytes) == [[]])
            stage.deliverOnce(isWithThird)
            stage.deliverOnce(isWithThird)
            #expect(pieces(stage).map(\.offset) == [losesAnswer ? 16 : 0])
            stage.deliver()
            #expect(stage[n3].log == "1:e")
        }
    }

    @Test("Answers to questions that were under way before a piece do not send it twice")
    func noPieceTwice() {
        let stage = behind()
        startSending(stage)
        var sent: [UInt64] = []
        var counter: UInt64 = 10
        while stage[n3].installs.isEmpty {
            // A read's round and a heartbeat follow each piece; n3 hears and answers in order.
            stage.read(n1, counter)
            stage.expire(n1)
            counter += 1
            sent += pieces(stage).filter { !$0.bytes.isEmpty }.map(\.offset)
            stage.deliverOnce { $0.to == n3 }
            for packet in stage.take({ $0.from == n3 }) {
                stage.tell(n1, packet.message, from: n3)
            }
            stage.deliver { !isWithThird($0) }
        }
        let size = stage.snapshot(at: 5).bytes.count
        #expect(sent == stride(from: 0, to: UInt64(size), by: 16).map { $0 })
    }

    @Test(
        "A snapshot goes on where it was after the connection was lost, though there is a newer one"
    )
    func goesOn() {
        let stage = behind()
        startSending(stage)
        exchange(stage)
        stage.cut(n1, n3)
        stage.save(n1, at: 6)
        stage.connect(n1, n3)
        exchange(stage)
        #expect(pieces(stage).map(\.offset) == [16])
        #expect(pieces(stage).map(\.last) == [entry(5, term: 1)])
        stage.deliver()
        #expect(stage[n3].installs.map(\.last.index.number) == [5, 6], "the log begins behind 6")
        #expect(stage[n3].raft.commit == LogIndex(6))
    }

    @Test("A follower that restarts in the middle gets the newest snapshot from its first byte")
    func restartInTheMiddle() {
        let stage = behind()
        startSending(stage)
        exchange(stage)
        stage.crash(n3)
        stage.save(n1, at: 6)
        stage.restart(n3)
        stage.deliver()
        #expect(stage[n3].installs == [stage.snapshot(at: 6)])
        #expect(stage[n3].raft.log.base == entry(6, term: 1))
    }

    @Test("A follower that has ended after it saved the snapshot starts with it and needs no more")
    func restartAfterSaving() {
        let stage = behind()
        stage.withholdInstalls(n3)
        stage.deliver()
        // On disk, but neither the core nor the log knows.
        stage[n3].keep(stage.snapshot(at: 5))
        stage.crash(n3)
        stage.restart(n3)
        #expect(stage[n3].raft.log.base == entry(5, term: 1))
        stage.deliver()
        #expect(stage[n3].installs.count == 1 && stage[n3].log == "1:e")
    }

    @Test("A rejected snapshot is sent once more")
    func rejected() {
        let stage = behind()
        stage.withholdInstalls(n3)
        stage.deliver()
        stage.reject(n3)
        stage.run(for: .milliseconds(100))
        #expect(stage[n3].installs.count == 2)
        stage.install(n3)
        stage.deliver()
        #expect(stage[n3].log == "1:e")
    }

    @Test("A follower whose log holds the snapshot's last entry gets no piece")
    func holdsAll() {
        let stage = Stage.withoutThird()
        stage.rejoin(n3)
        stage.deliver()
        stage.cut(n1, n3)
        stage[n1].raft.peers[1].next = LogIndex(1)
        stage.save(n1, at: 5)
        var sent = 0
        stage.onPacket = { packet, _ in
            sent += packet.message.asInstallSnapshot.map { $0.bytes.isEmpty ? 0 : 1 } ?? 0
        }
        stage.connect(n1, n3)
        stage.deliver()
        #expect(sent == 0 && stage[n3].installs.isEmpty)
        #expect(stage[n1].raft.peers[1].match == LogIndex(6))
    }

    @Test("Old answers, and answers about other snapshots, change nothing")
    func oldAnswers() {
        let stage = behind()
        startSending(stage)
        exchange(stage)
        let state = stage.snapshot(at: 5)
        let round = stage[n1].raft.round
        #expect(pieces(stage).map(\.offset) == [16])
        let under = stage.take(isWithThird)
        let old = [
            Message.received(1, 0, of: state, round: round),
            .received(1, 16, of: state, round: round), .conflict(1, at: 0, hint: .zero),
        ]
        let dropped = stage[n1].raft.droppedMessages
        for message in old { stage.tell(n1, message, from: n3) }
        let wrong = [
            Message.received(1, 32, of: stage.snapshot(at: 4), round: round),
            .received(1, state.bytes.count + 1, of: state, round: round),
            .received(1, 32, of: state, round: round + 1),
        ]
        for message in wrong { stage.tell(n1, message, from: n3) }
        #expect(stage[n1].raft.droppedMessages == dropped + 4)
        #expect(pieces(stage).isEmpty)
        for packet in under { stage.tell(n3, packet.message, from: n1) }
        stage.deliver()
        #expect(stage[n3].log == "1:e")
    }

    @Test(
        "§5.1 A leader that is deposed while it sends a snapshot keeps none, and the next one sends its own"
    )
    func deposed() {
        let stage = behind()
        startSending(stage)
        stage.deliverOnce { $0.to == n3 }
        stage.save(n2, at: 4)
        stage.isolate(n1)
        stage.elect(n2)
        stage.deliver()
        #expect(stage[n3].installs.map(\.last.index.number) == [4])
        #expect(stage[n3].raft.log.last == stage[n2].raft.log.last)
        stage.rejoin(n1)
        stage.run(for: .milliseconds(200))
        #expect(stage[n1].raft.role == .follower)
        #expect(stage[n1].raft.peers.allSatisfy { $0.sending == nil })
        #expect(Set(stage.commits) == [7])
    }

    @Test(
        "Thesis §3.10: leadership goes to none that lacks a snapshot, and one asked for it gets its time"
    )
    func transfer() {
        let stage = behind()
        startSending(stage)
        stage.now = stage.now + .milliseconds(1)
        #expect(stage[n1].raft.successor(excluding: [], at: stage.now) == n2)
        #expect(stage[n1].raft.successor(excluding: [n2], at: stage.now) == nil)
        stage.turn(n1, .transferRequested(to: n3))
        stage.deliver()
        #expect(stage[n3].raft.role == .leader, "it got the snapshot and the rest in time")
    }
}
