import Primitives
import Testing

@testable import Raft

/// Raft §5.3: log replication, from the leader's side.
@Suite struct Section53Replication {
    @Test("§5.3 The leader appends commands to its log and sends them to all at once")
    func appendsAndSends() throws {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a", "b")
        #expect(stage[n1].accepted == entry(2, term: 1))
        #expect(stage[n1].log == "1:- 1:a 1:b")
        for follower in [n2, n3] {
            let append = try #require(stage.sent(n1, to: follower).first?.asAppendEntries)
            #expect(append.previous == entry(1, term: 1))
            #expect(append.entries.text == "1:a 1:b")
        }
    }

    @Test("§5.3 A server that does not lead takes no commands")
    func followersTakeNone() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n2, "a")
        #expect(stage[n2].accepted == nil && stage[n2].log == "1:-")
        stage.makeCandidate(n3)
        stage.submit(n3, "b")
        #expect(stage[n3].accepted == nil && stage[n3].log == "1:-")
    }

    @Test("§5.3 An entry is committed once a majority holds it, and not before", arguments: [3, 5])
    func commitsByMajority(voters: Int) {
        let stage = Stage(voters)
        stage.elect(n1)
        stage.submit(n1, "a")
        let others = stage.players.dropFirst().map(\.id)
        for (position, follower) in others.enumerated() {
            let isCommitted = stage[n1].raft.commit == LogIndex(2)
            #expect(isCommitted == (position + 1 >= voters / 2 + 1))
            stage.deliver { $0.from == follower || $0.to == follower }
        }
        #expect(stage[n1].raft.commit == LogIndex(2))
    }

    @Test("§5.3 With an entry all before it are committed, earlier leaders' too")
    func commitsWhatCameBefore() {
        let disks = [n1: StagedDisk(log: "1:- 1:a 2:b"), n2: StagedDisk(log: "1:-")]
        let stage = Stage(3, disks: disks)
        stage.elect(n1)
        #expect(stage.logs.allSatisfy { $0 == "1:- 1:a 2:b 3:-" })
        #expect(stage[n1].raft.commit == LogIndex(4))
    }

    @Test("§5.3 Followers learn from the leader's next message what is committed")
    func followersLearnCommit() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.deliver()
        #expect(stage[n1].raft.commit == LogIndex(2))
        stage.submit(n1, "b")
        stage.deliver()
        #expect(stage[n2].raft.commit >= LogIndex(2))
        let before = stage.now
        stage.expire(n1)
        #expect(stage.now.since(before) <= Timing.standard.commitNotice, "the news is not kept")
        stage.deliver()
        #expect(stage.commits == [3, 3, 3])
    }

    @Test("§5.3 A leader goes on sending to a follower that does not answer")
    func retries() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.crash(n3)
        stage.submit(n1, "a")
        stage.run(for: .milliseconds(2_000))
        #expect(stage[n1].raft.role == .leader && stage[n1].raft.commit == LogIndex(2))
        stage.restart(n3)
        stage.run(for: .milliseconds(200))
        #expect(stage[n3].log == "1:- 1:a" && stage[n3].raft.commit == LogIndex(2))
    }

    @Test("§5.3 A leader begins with each follower right after its own last entry")
    func nextIndex() throws {
        let stage = Stage(3, disks: [n1: StagedDisk(log: "1:- 1:a")])
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        let append = try #require(stage.sent(n1, to: n2).first?.asAppendEntries)
        #expect(append.previous == entry(2, term: 1))
        #expect(append.entries.text == "2:-")
    }

    @Test("§5.3 A leader begins right after its last entry, too, where the follower comes later")
    func nextIndexOfLatecomer() throws {
        let log = "1:- 1:a 1:b 1:c"
        let disks = [n1, n2, n3].map { ($0, StagedDisk(log: log)) }
        let stage = Stage(3, disks: Dictionary(uniqueKeysWithValues: disks))
        stage.crash(n3)
        stage.elect(n1)
        stage.restart(n3)
        let append = try #require(stage.sent(n1, to: n3).first?.asAppendEntries)
        #expect(append.previous == entry(4, term: 1), "what the follower may hold is not resent")
        stage.deliver()
        #expect(stage[n3].log == log + " 2:-")
    }

    @Test("§5.3 A connection that comes back begins after what the follower acknowledged")
    func resumesAtMatch() throws {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.deliver()
        stage.cut(n1, n3)
        stage.submit(n1, "b")
        stage.deliver()
        stage.take()
        stage.connect(n1, n3)
        let append = try #require(stage.sent(n1, to: n3, .appendEntries).first?.asAppendEntries)
        #expect(append.previous == entry(2, term: 1))
        #expect(append.entries.text == "1:b")
    }

    @Test("§5.3 A connection that comes and goes before any answer costs no progress either")
    func resumesAgain() throws {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.deliver()
        for _ in 0..<3 {
            stage.cut(n1, n3)
            stage.connect(n1, n3)
        }
        let append = try #require(stage.sent(n1, to: n3, .appendEntries).first?.asAppendEntries)
        #expect(append.previous == entry(2, term: 1))
        stage.deliver()
        #expect(stage[n1].raft.peers[1].match == LogIndex(2))
    }

    @Test("§5.3 Leader Append-Only: a leader takes no entries, not even of its own term")
    func leaderAppendOnly() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        let dropped = stage[n1].raft.droppedMessages
        stage.tell(n1, .append(1, after: entry(1, term: 1), "1:x"), from: n2)
        #expect(stage[n1].raft.droppedMessages == dropped + 1)
        #expect(stage[n1].raft.role == .leader && stage[n1].log == "1:- 1:a")
    }

    @Test("§5.3 After a refusal the leader tries earlier, until the logs agree", arguments: [1, 9])
    func backsUp(missing: Int) {
        let log = (["1:-"] + (1...9).map { "1:\($0)" }).joined(separator: " ")
        let held = log.split(separator: " ").dropLast(missing).joined(separator: " ")
        let disks = [n1: StagedDisk(log: log), n2: StagedDisk(log: held), n3: StagedDisk(log: log)]
        let stage = Stage(3, disks: disks)
        stage.elect(n1)
        #expect(stage[n2].log == log + " 2:-")
        #expect(stage[n1].raft.peers[0].match == LogIndex(11))
    }

    @Test("§5.3 A refusal backs up by whole terms, so few round trips find where the logs agree")
    func backsUpByTerm() {
        // Raft figure 7 (e) and (f), longer: many entries of terms that the other never saw.
        let common = "1:- 1:a 1:b"
        let leaders = common + String(repeating: " 4:c", count: 50)
        let followers =
            common + String(repeating: " 2:x", count: 50) + String(repeating: " 3:y", count: 50)
        let disks = [n1: StagedDisk(log: leaders), n2: StagedDisk(log: followers)]
        let stage = Stage(3, disks: disks)
        var refusals = 0
        stage.onPacket = { packet, _ in
            if case .conflict? = packet.message.asAppendReply?.outcome, packet.from == n2 {
                refusals += 1
            }
        }
        stage.elect(n1)
        #expect(stage[n2].log == leaders + " 5:-")
        #expect(refusals <= 2, "\(refusals) refusals")
    }

    @Test("§5.3 Whatever two logs hold, they agree after at most a refusal for each of their terms")
    func randomLogsAgree() {
        var random = RandomSource(seed: 11)
        for _ in 0..<40 {
            // A common part, then what leaders of even terms made, or of odd ones.
            let (first, second) = (randomLog(&random, from: 2), randomLog(&random, from: 3))
            let disks = [n1: StagedDisk(log: first), n2: StagedDisk(log: second)]
            let stage = Stage(3, disks: disks)
            var refusals = 0
            stage.onPacket = { packet, _ in
                if case .conflict? = packet.message.asAppendReply?.outcome { refusals += 1 }
            }
            let terms = Set(
                (first + " " + second).split(separator: " ").map { $0.prefix { $0 != ":" } }
            )
            .count
            // Whoever may lead does; the third server's log is empty and agrees with anything.
            stage.run(for: .milliseconds(3_000))
            #expect(stage[n1].log == stage[n2].log)
            #expect(refusals <= terms, "\(refusals) refusals for \(first) and \(second)")
        }
    }

    private func randomLog(_ random: inout RandomSource, from first: UInt64) -> String {
        var words = ["1:-", "1:a"]
        var term = first
        for _ in 0..<random.below(30) {
            if random.chance(1, in: 4) { term += 2 }
            words.append("\(term):e")
        }
        return words.joined(separator: " ")
    }

    @Test("§5.3 An old refusal says nothing any more")
    func oldRefusal() throws {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a", "b")
        stage.deliver()
        let dropped = stage[n1].raft.droppedMessages
        stage.tell(n1, .conflict(1, at: 3, hint: .zero), from: n2)
        stage.tell(n1, .conflict(1, at: 9, hint: .zero), from: n2)
        #expect(stage[n1].raft.droppedMessages == dropped + 2)
        #expect(stage[n1].raft.peers[0].match == LogIndex(3), "what agreed once agrees for ever")
        stage.submit(n1, "c")
        let append = try #require(stage.sent(n1, to: n2).last?.asAppendEntries)
        #expect(append.previous == entry(3, term: 1))
    }

    @Test("§5.3 An answer that claims more than the leader sent is dropped and counted")
    func impossibleAnswers() {
        let stage = Stage(3)
        stage.elect(n1)
        let dropped = stage[n1].raft.droppedMessages
        stage.tell(n1, .matched(1, 2), from: n2)
        stage.tell(n1, .matched(1, 1, round: 9), from: n2)
        #expect(stage[n1].raft.droppedMessages == dropped + 2)
        #expect(stage[n1].raft.peers[0].match == LogIndex(1))
        #expect(stage[n1].raft.commit == LogIndex(1))
    }
}
