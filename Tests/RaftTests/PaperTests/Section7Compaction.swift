import Primitives
import Testing

@testable import Raft

/// Raft §7: own snapshots, and a log that begins behind one.
@Suite struct Section7Compaction {
    @Test(
        "§7 A server cuts its log behind a snapshot of committed entries, and keeps the last one's name"
    )
    func cutsTheLog() {
        let stage = Stage.withoutThird()
        stage.save(n1, at: 4)
        #expect(stage[n1].raft.log.base == entry(4, term: 1) && stage[n1].log == "1:d 1:e")
        stage.save(n2, at: 2)
        #expect(stage[n2].log == "1:b 1:c 1:d 1:e", "servers take snapshots independently")
        stage.submit(n1, "f")
        stage.deliver()
        #expect(stage[n1].log == "1:d 1:e 1:f" && stage[n2].log == "1:b 1:c 1:d 1:e 1:f")
        stage.save(n1, at: 3)
        #expect(stage[n1].raft.snapshot?.last == entry(4, term: 1), "an older one changes nothing")
        #expect(stage[n1].writes.allSatisfy { $0.base == nil })
        stage.crash(n1)
        stage.restart(n1)
        #expect(stage[n1].raft.log.base == entry(4, term: 1) && stage[n1].log == "1:d 1:e 1:f")
        #expect(stage[n1].raft.commit == LogIndex(4))
    }

    @Test("What is not on the own disk yet stays in the log, though it is committed")
    func cutsWhatIsDurable() {
        let stage = Stage.withoutThird()
        stage.rejoin(n3)
        stage.deliver()
        stage.withhold(n1)
        stage.submit(n1, "f")
        stage.submit(n1, "g")
        stage.deliver()
        #expect(stage.commits[0] == 8, "n1's disk is not needed")
        stage.save(n1, at: 8)
        #expect(stage[n1].raft.log.base == entry(6, term: 1))
        stage.persist(n1)
        #expect(stage[n1].raft.log.base == entry(7, term: 1))
        stage.release(n1)
        #expect(stage[n1].raft.log.base == entry(8, term: 1) && stage[n1].log == "")
    }

    @Test("The log is cut beneath a follower's window: what is under way is waited for")
    func cutBeneathTheWindow() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.deliver()
        stage.submit(n1, "a", "b", "c")
        // n3's messages are slow.
        stage.deliver { ![$0.from, $0.to].contains(n3) }
        stage.save(n1, at: 4)
        #expect(stage[n1].raft.log.base == entry(4, term: 1))
        stage.submit(n1, "d")
        #expect(stage.sent(n1, to: n3, .appendEntries).count == 1, "its window is full")
        stage.deliver()
        #expect(stage[n3].log.hasSuffix("1:c 1:d") && stage[n3].installs.isEmpty)
        // The same, and what was under way is lost.
        stage.submit(n1, "e", "f")
        stage.deliver { ![$0.from, $0.to].contains(n3) }
        stage.save(n1, at: 7)
        stage.cut(n1, n3)
        stage.connect(n1, n3)
        stage.deliver()
        #expect(stage[n3].installs.map(\.last.index.number) == [7])
        #expect(stage[n3].raft.log.last == stage[n1].raft.log.last)
    }

    @Test("§5.3 A follower that backs up below the base gets the snapshot")
    func conflictBelowTheBase() {
        let stage = Stage(
            3,
            disks: [
                n1: StagedDisk(snapshot: "1:- 1:a 2:- 2:b", log: "2:c", term: 3),
                n2: StagedDisk(log: "1:- 1:a 2:- 2:b 2:c", term: 3),
                n3: StagedDisk(log: "1:- 1:a 1:x 1:y 1:z 1:w 1:v", term: 3),
            ])
        stage.elect(n1)
        #expect(stage[n3].installs.map(\.last) == [entry(4, term: 2)])
        #expect(stage[n3].log == "2:c 4:-")
        stage.expire(n1)
        stage.deliver()
        #expect(stage.commits == [6, 6, 6])
    }

    @Test("§5.3 AppendEntries that begin below a follower's base add what lies behind it")
    func entriesBelowTheBase() {
        let disk = StagedDisk(snapshot: "1:- 1:a 2:- 2:b", log: "2:c", term: 3)
        for (previous, entries) in [
            (EntryID.zero, "1:- 1:a 2:- 2:b 2:c 3:d"), (entry(2, term: 1), "2:- 2:b 2:c 3:d"),
            (entry(4, term: 2), "2:c 3:d"), (entry(3, term: 2), "2:b 3:e"),
        ] {
            let stage = Stage(3, disks: [n2: disk])
            stage.tell(n2, .append(3, after: previous, entries, commit: 6), from: n1)
            let isLonger = entries.hasSuffix("3:d")
            #expect(stage[n2].log == (isLonger ? "2:c 3:d" : "3:e"))
            #expect(stage.sent(n2) == [.matched(3, isLonger ? 6 : 5)])
        }
        let stage = Stage(3, disks: [n2: disk])
        stage.tell(n2, .append(3, after: .zero, "1:- 1:a"), from: n1)
        #expect(stage.sent(n2) == [.matched(3, 4)], "what the snapshot stands for agrees")
        stage.take()
        // A leader that contradicts the base is none.
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, .append(3, after: entry(4, term: 1), "3:x"), from: n1)
        #expect(stage[n2].raft.droppedMessages == dropped + 1 && stage.sent(n2).isEmpty)
    }

    @Test("§7 A server of one cuts its log, too")
    func alone() {
        let stage = Stage(1)
        stage.elect(n1)
        stage.submit(n1, "a", "b")
        stage.save(n1, at: 3)
        #expect(stage[n1].raft.log.base == entry(3, term: 1) && stage[n1].log == "")
        stage.submit(n1, "c")
        #expect(stage.commits == [4] && stage[n1].log == "1:c")
        stage.crash(n1)
        stage.restart(n1)
        stage.expire(n1)
        #expect(stage[n1].log == "1:c 2:-" && stage.commits == [5])
    }

    @Test("A snapshot that reached the disk before its last entry's term did raises the term")
    func snapshotAheadOfTheTerm() {
        var disk = StagedDisk(snapshot: "1:- 4:-")
        disk.hardState = HardState(term: Term(2), vote: n3)
        let stage = Stage(3, disks: [n1: disk])
        #expect(stage[n1].raft.term == Term(4) && stage[n1].raft.vote == nil)
        #expect(stage[n1].disk.hardState == HardState(term: Term(4), vote: nil))
    }
}

extension Stage {
    /// n1 leads term 1, n3 was away from the start, and the others' logs are committed up to 6.
    static func withoutThird() -> Stage {
        let stage = Stage(3)
        stage.isolate(n3)
        stage.elect(n1)
        stage.submit(n1, "a", "b", "c", "d", "e")
        stage.deliver()
        stage.expire(n1)
        stage.deliver()
        #expect(stage.commits == [6, 6, 0])
        return stage
    }
}
