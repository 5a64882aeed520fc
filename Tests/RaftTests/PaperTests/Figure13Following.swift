import Primitives
import Testing

@testable import Raft

/// Raft §7 and figure 13: InstallSnapshot, from the follower's side.
@Suite struct Figure13Following {
    private let state = Snapshot("1:- 1:a 2:- 2:b 2:c")
    private var half: Int { state.bytes.count / 2 }

    private func follower(log: String = "1:- 1:a", term: UInt64 = 3) -> Stage {
        Stage(3, disks: [n2: StagedDisk(log: log, term: term)])
    }

    @Test("Figure 13, 1: reply immediately if the term is an old one")
    func oldTerm() {
        let stage = follower(term: 4)
        stage.tell(n2, .snapshot(3, of: state), from: n1)
        #expect(stage.sent(n2) == [.received(4, 0, of: state)])
        #expect(stage[n2].installs.isEmpty && stage[n2].raft.leader == nil)
    }

    @Test("Figure 13, 1: the answer waits for nothing but the term")
    func answerWaitsForTheTerm() {
        let stage = follower()
        stage.withhold(n2)
        stage.tell(n2, .snapshot(4, of: state, 0..<half, round: 7), from: n1)
        #expect(stage.sent(n2).isEmpty)
        stage.tell(n2, .snapshot(3, of: state), from: n3)
        #expect(stage.sent(n2).isEmpty)
        stage.persist(n2)
        #expect(stage.sent(n2, to: n3) == [.received(4, 0, of: state)])
        #expect(stage.sent(n2, to: n1) == [.received(4, half, of: state, round: 7)])
    }

    @Test("Figure 13, 2 to 4: pieces make the snapshot, and each is answered until all are there")
    func pieces() {
        let stage = follower()
        let size = state.bytes.count
        for (start, end) in [(0, 5), (5, 9), (9, size)] {
            #expect(stage[n2].installs.isEmpty)
            stage.withholdInstalls(n2)
            stage.tell(n2, .snapshot(3, of: state, start..<end), from: n1)
            #expect(stage.take().map(\.message) == [.received(3, end, of: state)])
        }
        #expect(stage[n2].installs == [state])
    }

    @Test("Figure 13, 3: pieces that come twice, overlap or leave a gap do no harm")
    func anyOrder() {
        var random = RandomSource(seed: 13)
        for _ in 0..<200 {
            let stage = follower()
            stage.withholdInstalls(n2)
            let size = state.bytes.count
            var received = 0
            while received < size {
                let start = random.below(size + 1)
                let end = start + random.below(min(6, size - start) + 1)
                stage.tell(n2, .snapshot(3, of: state, start..<end), from: n1)
                if start <= received { received = max(received, end) }
                #expect(stage.take().map(\.message) == [.received(3, received, of: state)])
            }
            #expect(stage[n2].installs == [state], "whole, and once")
        }
    }

    @Test("A message without bytes asks how much has come")
    func question() {
        let stage = follower()
        stage.tell(n2, .snapshot(3, of: state, 0..<0, round: 1), from: n1)
        stage.tell(n2, .snapshot(3, of: state, 0..<half, round: 1), from: n1)
        stage.tell(n2, .snapshot(3, of: state, 0..<0, round: 2), from: n1)
        #expect(
            stage.sent(n2) == [
                .received(3, 0, of: state, round: 1), .received(3, half, of: state, round: 1),
                .received(3, half, of: state, round: 2),
            ])
    }

    @Test("Figure 13, 5: a part of a snapshot with a smaller index is discarded")
    func newerSnapshot() {
        let stage = follower()
        let newer = Snapshot(state.text + " 3:-")
        stage.tell(n2, .snapshot(3, of: state, 0..<half), from: n1)
        stage.tell(n2, .snapshot(3, of: newer, 0..<3), from: n1)
        stage.take()
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, .snapshot(3, of: state, half..<state.bytes.count), from: n1)
        #expect(stage[n2].raft.droppedMessages == dropped + 1 && stage.sent(n2).isEmpty)
        stage.tell(n2, .snapshot(3, of: newer, 3..<newer.bytes.count), from: n1)
        #expect(stage[n2].installs == [newer])
        #expect(stage[n2].raft.log.base == entry(6, term: 3))
    }

    @Test("Figure 13, 6: a log that holds the last entry keeps what follows, and needs no snapshot")
    func retainsWhatFollows() {
        let log = state.text + " 2:d 2:e"
        let stage = follower(log: log)
        stage.tell(n2, .snapshot(3, of: state, 0..<0), from: n1)
        #expect(stage.sent(n2) == [.matched(3, 5)])
        #expect(stage[n2].log == log && stage[n2].writes.isEmpty && stage[n2].installs.isEmpty)
        #expect(stage[n2].raft.commit == LogIndex(5))
    }

    @Test(
        "Figure 13, 6: what follows is kept, too, where the entry came while the snapshot was saved"
    )
    func retainsWhatCameMeanwhile() {
        for isWritten in [false, true] {
            let stage = follower()
            stage.withholdInstalls(n2)
            stage.tell(n2, .snapshot(3, of: state), from: n1)
            if !isWritten { stage.withhold(n2) }
            // The write of the first is under way when the others come.
            stage.tell(n2, .append(4, after: entry(2, term: 1), "2:-"), from: n3)
            stage.tell(n2, .append(4, after: entry(3, term: 2), "2:b 2:c 2:d"), from: n3)
            stage.take()
            #expect(stage[n2].raft.commit == .zero)
            stage.install(n2)
            #expect(stage[n2].raft.log.base == entry(5, term: 2) && stage[n2].log == "2:d")
            #expect(stage[n2].raft.commit == LogIndex(5))
            #expect(stage[n2].raft.durableThrough == LogIndex(isWritten ? 6 : 5))
            if isWritten { #expect(stage.sent(n2) == [.matched(4, 6)]) }
            stage.release(n2)
            stage.persist(n2)
            #expect(stage[n2].writes.last?.base == (isWritten ? nil : entry(5, term: 2)))
            #expect(stage[n2].disk.recovered.entries.map(\.description) == ["2:d"])
            #expect(stage.sent(n2).last == .matched(4, 6))
        }
    }

    @Test(
        "Figure 13, 7: the entire log is discarded where it ends before the snapshot or contradicts it",
        arguments: ["", "1:- 1:a", "1:- 1:a 1:x 1:y 1:z 1:w", "1:- 1:a 2:- 2:b 3:x 3:y"])
    func discardsTheLog(log: String) {
        let stage = follower(log: log)
        stage.tell(n2, .snapshot(3, of: state, round: 4), from: n1)
        #expect(stage[n2].raft.log.base == entry(5, term: 2) && stage[n2].log == "")
        #expect(stage[n2].raft.commit == LogIndex(5))
        #expect(stage[n2].writes.map(\.base) == [entry(5, term: 2)])
        #expect(stage[n2].disk.base == entry(5, term: 2) && stage[n2].disk.entries.isEmpty)
        #expect(stage.sent(n2).last == .matched(3, 5, round: 4))
        // The consistency check finds the snapshot's last entry (Raft §7).
        stage.take()
        stage.tell(n2, .append(3, after: entry(5, term: 2), "3:d", commit: 6), from: n1)
        #expect(stage[n2].log == "3:d" && stage[n2].raft.commit == LogIndex(6))
        #expect(stage.sent(n2) == [.matched(3, 6, round: 4)])
    }

    @Test("Figure 13, 8: the host gets the snapshot once, and another only after its answer")
    func oneInstallAtATime() {
        let stage = follower()
        let newer = Snapshot(state.text + " 3:-")
        stage.withholdInstalls(n2)
        for _ in 0..<3 { stage.tell(n2, .snapshot(3, of: state), from: n1) }
        #expect(
            stage.take().map(\.message).allSatisfy {
                $0 == .received(3, state.bytes.count, of: state)
            })
        for _ in 0..<3 { stage.tell(n2, .snapshot(4, of: newer), from: n3) }
        #expect(stage[n2].installs == [state])
        stage.install(n2)
        #expect(stage[n2].installs == [state, newer])
        #expect(stage[n2].raft.log.base == state.last)
        stage.install(n2)
        #expect(stage[n2].raft.log.base == newer.last && stage[n2].raft.snapshot == newer)
    }

    @Test("A snapshot that the host rejects is counted and asked for again from its first byte")
    func rejected() {
        let stage = follower()
        stage.withholdInstalls(n2)
        stage.tell(n2, .snapshot(3, of: state), from: n1)
        stage.reject(n2)
        #expect(stage[n2].raft.rejectedSnapshots == 1)
        stage.take()
        stage.tell(n2, .snapshot(3, of: state, 0..<0), from: n1)
        #expect(stage.sent(n2) == [.received(3, 0, of: state)])
        stage.tell(n2, .snapshot(3, of: state), from: n1)
        stage.install(n2)
        #expect(stage[n2].raft.log.base == state.last)
    }

    @Test("§7 A snapshot of what is committed already is answered at once, as far as it is on disk")
    func oldSnapshot() {
        let stage = follower()
        stage.withhold(n2)
        let log = AppendEntries(
            term: Term(3), previous: entry(2, term: 1), commit: LogIndex(5), round: 0,
            entries: EntryBatch("2:- 2:b 2:c"))
        stage.tell(n2, .appendEntries(log), from: n1)
        stage.take()
        stage.tell(n2, .snapshot(3, of: Snapshot("1:- 1:a 2:-"), 0..<2), from: n1)
        #expect(stage.sent(n2) == [.matched(3, 2)])
        stage.persist(n2)
        #expect(stage.sent(n2).last == .matched(3, 5))
        #expect(stage[n2].installs.isEmpty && stage[n2].raft.log.base == .zero)
    }

    @Test("A snapshot that the log has overtaken while it was saved changes nothing")
    func overtaken() {
        let stage = follower()
        stage.withholdInstalls(n2)
        stage.tell(n2, .snapshot(3, of: state), from: n1)
        let log = "2:- 2:b 2:c 3:d"
        stage.tell(n2, .append(3, after: entry(2, term: 1), log, commit: 6), from: n1)
        stage.install(n2)
        #expect(stage[n2].log == "1:- 1:a " + log && stage[n2].raft.commit == LogIndex(6))
        #expect(stage[n2].raft.log.base == .zero)
    }

    @Test(
        "What no leader can have sent is dropped and counted",
        arguments: [
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 4), total: 9, offset: 0, bytes: []),
            InstallSnapshot(
                term: Term(3), round: 0, last: .zero, total: 9, offset: 0, bytes: [1]),
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 2), total: 0, offset: 0, bytes: []),
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 2), total: 9, offset: 10, bytes: []),
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 2), total: 9, offset: 8,
                bytes: [1, 2]),
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 2), total: .max, offset: .max,
                bytes: [1]),
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(5, term: 2), total: .max, offset: 0,
                bytes: [1]),
            // It contradicts what is committed here.
            InstallSnapshot(
                term: Term(3), round: 0, last: entry(2, term: 2), total: 9, offset: 0, bytes: [1]),
        ])
    func unsound(piece: InstallSnapshot) {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(2, term: 1), commit: 2), from: n1)
        stage.take()
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, .installSnapshot(piece), from: n1)
        #expect(stage[n2].raft.droppedMessages == dropped + 1)
        #expect(stage.sent(n2).isEmpty && stage[n2].installs.isEmpty)
    }

    @Test("§5.2 A piece is a leader's word: it makes followers, and sets their timers anew")
    func contact() {
        let stage = follower()
        stage.makeCandidate(n2)
        let term = stage[n2].raft.term.number
        stage.take()
        let before = stage[n2].raft.electionDeadline
        stage.now = stage.now + .milliseconds(100)
        stage.tell(n2, .snapshot(term, of: state, 0..<1), from: n1)
        #expect(stage[n2].raft.role == .follower && stage[n2].raft.leader == n1)
        #expect(stage[n2].raft.electionDeadline > before)
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, .snapshot(term, of: state, 1..<2), from: n3)
        #expect(stage[n2].raft.droppedMessages == dropped + 1, "n1 leads this term")
    }

    @Test("Pieces of two leaders' snapshots are never mixed")
    func leadersAreNotMixed() {
        let stage = follower()
        stage.tell(n2, .snapshot(3, of: state, 0..<half), from: n1)
        stage.take()
        stage.tell(n2, .snapshot(4, of: state, half..<state.bytes.count), from: n3)
        #expect(stage.sent(n2) == [.received(4, 0, of: state)])
        #expect(stage[n2].installs.isEmpty)
    }

    @Test("A vote while a snapshot is on its way or being saved rests on the log as it is")
    func voteMeanwhile() {
        let stage = follower()
        stage.withholdInstalls(n2)
        stage.tell(n2, .snapshot(3, of: state), from: n1)
        stage.take()
        stage.tell(n2, .vote(4, last: entry(2, term: 1)), from: n3)
        #expect(stage.sent(n2) == [.voteAnswer(4, true)])
        stage.install(n2)
        stage.take()
        #expect(stage[n2].raft.log.last == state.last && stage[n2].raft.leader == nil)
        stage.tell(n2, .vote(5, last: entry(4, term: 2)), from: n3)
        #expect(stage.sent(n2) == [.voteAnswer(5, false)])
    }
}
