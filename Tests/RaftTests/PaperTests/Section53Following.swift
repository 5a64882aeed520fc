import Primitives
import Testing

@testable import Raft

/// Raft §5.3 and AppendEntries in figure 2: log replication, from the follower's side.
@Suite struct Section53Following {
    private let held = "1:- 1:a 2:b 2:c"

    private func follower(commit: UInt64 = 0) -> Stage {
        let stage = Stage(3, disks: [n2: StagedDisk(log: held, term: 3)])
        if commit > 0 {
            let previous = entry(commit, term: commit > 2 ? 2 : 1)
            stage.tell(n2, .append(3, after: previous, commit: commit), from: n1)
            stage.take()
        }
        return stage
    }

    @Test("Figure 2: entries behind one that the follower lacks are refused")
    func missingPrevious() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(6, term: 3), "3:x"), from: n1)
        #expect(stage.sent(n2) == [.conflict(3, at: 6, hint: entry(4, term: 2))])
        #expect(stage[n2].log == held)
    }

    @Test("Figure 2: entries behind one of another term are refused, with whole terms skipped")
    func conflictingPrevious() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(4, term: 1), "3:x"), from: n1)
        #expect(stage.sent(n2) == [.conflict(3, at: 4, hint: entry(2, term: 1))])
        #expect(stage[n2].log == held, "a refusal truncates nothing")
    }

    @Test("Figure 2: an entry that conflicts goes, and all that follow it")
    func conflictTruncates() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(2, term: 1), "3:x"), from: n1)
        #expect(stage[n2].log == "1:- 1:a 3:x")
        #expect(stage[n2].disk.entries.map(\.description) == ["1:-", "1:a", "3:x"])
        #expect(stage.sent(n2) == [.matched(3, 3)])
    }

    @Test(
        "Figure 2: entries that agree are never truncated, however old the message",
        arguments: [
            Message.append(3), .append(3, "1:-"), .append(3, after: entry(1, term: 1), "1:a 2:b"),
            .append(3, after: entry(2, term: 1)), .append(3, "1:- 1:a 2:b 2:c"),
        ])
    func agreementStays(message: Message) {
        let stage = follower()
        stage.tell(n2, message, from: n1)
        #expect(stage[n2].log == held)
        #expect(stage[n2].writes.isEmpty)
        #expect(stage.sent(n2).count == 1)
    }

    @Test("Figure 2: only what is new is appended")
    func appendsNew() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(2, term: 1), "2:b 2:c 3:d 3:e"), from: n1)
        #expect(stage[n2].log == held + " 3:d 3:e")
        #expect(stage[n2].writes.map(\.first) == [LogIndex(5)])
        #expect(stage.sent(n2) == [.matched(3, 6)])
    }

    @Test("§5.3 Messages that overtake each other, repeat or vanish leave the leader's log")
    func anyOrder() {
        var random = RandomSource(seed: 3)
        for _ in 0..<100 {
            let stage = follower()
            let log = "1:- 1:a 3:p 3:q 3:r 3:s 3:t".split(separator: " ").map(String.init)
            for _ in 0..<60 {
                let start = random.below(log.count)
                let end = start + random.below(log.count - start + 1)
                let previous =
                    start == 0 ? .zero : entry(UInt64(start), term: start <= 2 ? 1 : 3)
                let entries = log[start..<end].joined(separator: " ")
                let commit = UInt64(random.below(log.count + 1))
                stage.tell(n2, .append(3, after: previous, entries, commit: commit), from: n1)
                // A prefix of the leader's log is known to agree, and only that is committed.
                let agreed = stage[n2].raft.verifiedThrough
                let prefix = stage[n2].entries(LogIndex(1)..<agreed.next).map(\.description)
                #expect(prefix == Array(log.prefix(prefix.count)))
                #expect(stage[n2].raft.commit <= agreed)
            }
            stage.tell(n2, .append(3, log.joined(separator: " ")), from: n1)
            #expect(stage[n2].log == log.joined(separator: " "))
        }
    }

    @Test("Figure 2: the commit index follows the leader's, as far as the logs are known to agree")
    func commitIsBounded() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(2, term: 1), commit: 4), from: n1)
        #expect(stage[n2].raft.commit == LogIndex(2), "entries 3 and 4 may not be the leader's")
        stage.tell(n2, .append(3, after: entry(2, term: 1), "2:b", commit: 4), from: n1)
        #expect(stage[n2].raft.commit == LogIndex(3))
    }

    @Test("Figure 2: what agreed with an earlier leader need not agree with the next")
    func newLeaderNewAgreement() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(4, term: 2)), from: n1)
        stage.tell(n2, .append(4, after: entry(2, term: 1), commit: 4), from: n3)
        #expect(stage[n2].raft.commit == LogIndex(2))
        stage.take()
        stage.tell(n2, .append(4, after: entry(1, term: 1)), from: n3)
        #expect(stage.sent(n2) == [.matched(4, 2)])
    }

    @Test("§5.3 The commit index never falls")
    func commitNeverFalls() {
        let stage = follower(commit: 3)
        #expect(stage[n2].raft.commit == LogIndex(3))
        stage.tell(n2, .append(3, after: entry(3, term: 2), commit: 1), from: n1)
        stage.tell(n2, .append(5, after: entry(1, term: 1), commit: 1), from: n3)
        #expect(stage[n2].raft.commit == LogIndex(3))
    }

    @Test(
        "§5.3 A message that contradicts what is committed is dropped and counted",
        arguments: [
            Message.append(3, after: entry(2, term: 1), "3:x"),
            .append(3, after: entry(3, term: 3)),
            .append(3, "2:x 2:y"),
        ])
    func committedStays(message: Message) {
        let stage = follower(commit: 3)
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, message, from: n1)
        #expect(stage[n2].log == held)
        #expect(stage[n2].raft.droppedMessages == dropped + 1)
        #expect(stage.sent(n2).isEmpty)
    }

    @Test("§5.3 Only one server is followed in a term; another's entries are dropped and counted")
    func oneLeader() {
        let stage = follower()
        stage.tell(n2, .append(3, after: entry(4, term: 2), "3:x"), from: n1)
        let dropped = stage[n2].raft.droppedMessages
        stage.tell(n2, .append(3, after: entry(4, term: 2), "3:y 3:z"), from: n3)
        #expect(stage[n2].raft.droppedMessages == dropped + 1)
        #expect(stage[n2].log == held + " 3:x" && stage[n2].raft.leader == n1)
    }

    @Test("§5.3 All that came in one turn is acknowledged with one message")
    func oneAnswerATurn() {
        let stage = follower()
        stage.turn(
            n2, .received(.append(3, after: entry(4, term: 2), "3:d"), from: n1),
            .received(.append(3, after: entry(5, term: 3), "3:e"), from: n1))
        #expect(stage.sent(n2) == [.matched(3, 6)])
        #expect(stage[n2].writes.count == 1)
    }

    @Test("§5.5 A request that comes twice does no harm")
    func idempotent() {
        let stage = follower()
        let message = Message.append(3, after: entry(4, term: 2), "3:d 3:e", commit: 5)
        stage.tell(n2, message, from: n1)
        let (log, disk) = (stage[n2].log, stage[n2].disk)
        stage.tell(n2, message, from: n1)
        #expect(stage[n2].log == log && stage[n2].disk == disk)
        #expect(stage.sent(n2) == [.matched(3, 6), .matched(3, 6)])
    }
}
