import Primitives
import Testing

@testable import Raft

/// Raft §8 and thesis §6.4: the entry at the start of a term, and reads without log entries.
@Suite struct Section8Reads {
    private func isAnswer(_ packet: Packet) -> Bool { packet.message.kind == .appendReply }

    @Test("§8 A leader appends an entry without effect at the start of its term")
    func noOperationFirst() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.elect(n2)
        #expect(stage[n2].log == "1:- 2:-")
        #expect(stage[n2].raft.commit == LogIndex(2))
    }

    @Test("§8 A leader answers no read before an entry of its term is committed")
    func noReadBeforeNoOperation() {
        let disks = [n1, n2, n3].map { ($0, StagedDisk(log: "1:- 1:a")) }
        let stage = Stage(3, disks: Dictionary(uniqueKeysWithValues: disks))
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        #expect(stage[n1].raft.role == .leader)
        stage.read(n1, 1)
        stage.tell(n1, .readIndex(2, 2), from: n2)
        // Followers confirm that it leads, but what it knows to be committed is not enough.
        stage.tell(n1, .conflict(2, at: 2, hint: .zero), from: n2)
        stage.tell(n1, .conflict(2, at: 2, hint: .zero), from: n3)
        #expect(stage[n1].readsReady.isEmpty)
        stage.deliver()
        #expect(stage[n1].readsReady.map(\.index) == [LogIndex(3)])
        #expect(stage[n2].readsReady.map(\.index) == [LogIndex(3)])
    }

    @Test("§8 A leader exchanges a heartbeat round with a majority before it answers a read")
    func confirmsByMajority() {
        let stage = Stage(5)
        stage.elect(n1)
        stage.read(n1, 1)
        #expect(stage.sent(n1, .appendEntries).count == 4, "the round leaves at once")
        stage.deliver { $0.from == n2 || $0.to == n2 }
        #expect(stage[n1].readsReady.isEmpty, "two of five")
        stage.deliver { $0.from == n3 || $0.to == n3 }
        #expect(
            stage[n1].readsReady == [
                ReadReady(id: ReadID(nonce: 1, counter: 1), index: LogIndex(1))
            ])
        stage.deliver()
        #expect(stage[n1].readsReady.count == 1, "and only once")
    }

    @Test("§8 The round that confirms a read began after the read arrived")
    func laterRound() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.run(for: .milliseconds(20))
        stage.expire(n1)
        stage.deliverOnce { $0.message.kind == .appendEntries }
        let oldAnswers = stage.take(isAnswer)
        #expect(oldAnswers.count == 2)
        stage.read(n1, 1)
        for packet in oldAnswers { stage.tell(n1, packet.message, from: packet.from) }
        #expect(stage[n1].readsReady.isEmpty, "those answers were on their way before the read")
        stage.deliver()
        #expect(stage[n1].readsReady.count == 1)
    }

    @Test("§8 A read that joins while a round is out waits for the next one")
    func secondRead() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.read(n1, 1)
        stage.deliverOnce { $0.message.kind == .appendEntries }
        stage.read(n1, 2)
        stage.deliverOnce(isAnswer)
        #expect(stage[n1].readsReady.map(\.id.counter) == [1])
        stage.deliver()
        #expect(stage[n1].readsReady.map(\.id.counter) == [1, 2])
    }

    @Test("§8 Reads of one turn share one round")
    func sharedRound() {
        let stage = Stage(3)
        stage.elect(n1)
        let ids = (1...100).map { ReadID(nonce: 1, counter: UInt64($0)) }
        var effects = Raft.Effects()
        for id in ids { stage[n1].raft.step(.readRequested(id), at: stage.now, into: &effects) }
        stage.turn(n1)
        #expect(stage.sent(n1, .appendEntries).count == 2)
        stage.deliver()
        #expect(stage[n1].readsReady.map(\.id) == ids)
    }

    @Test("§8 The read index is the commit index of the read's arrival, not a later one")
    func indexOfArrival() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.read(n1, 1)
        stage.submit(n1, "a")
        stage.deliver()
        #expect(stage[n1].readsReady.map(\.index) == [LogIndex(1)])
        #expect(stage[n1].raft.commit == LogIndex(2))
    }

    @Test("Thesis §6.4: a follower asks its leader, and the answer names the question")
    func followerReads() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.deliver()
        stage.read(n2, 42, nonce: 7)
        #expect(stage.sent(n2, to: n1, .readIndexRequest).count == 1)
        stage.deliver()
        let id = ReadID(nonce: 7, counter: 42)
        #expect(stage[n2].readsReady == [ReadReady(id: id, index: LogIndex(2))])
        #expect(stage[n2].raft.commit >= LogIndex(2), "the index is news of the commit, too")
    }

    @Test("§8 A read is no older than any write that was acknowledged before it came")
    func readsAreFresh() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.deliver { $0.from != n3 && $0.to != n3 }
        #expect(stage[n1].raft.commit == LogIndex(2))
        #expect(stage[n3].raft.commit == .zero)
        stage.read(n3, 1)
        stage.deliver()
        #expect(stage[n3].readsReady.map(\.index) == [LogIndex(2)])
    }

    @Test("§8 A deposed leader that does not know it answers nothing")
    func deposedLeader() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.mute(n1, n2)
        stage.mute(n1, n3)
        stage.elect(n2)
        stage.submit(n2, "a")
        stage.deliver()
        #expect(stage[n1].raft.role == .leader && stage[n2].raft.commit == LogIndex(3))
        stage.read(n1, 1)
        stage.expire(n1)
        stage.deliver()
        stage.unmute(n1, n2)
        stage.unmute(n1, n3)
        stage.run(for: .milliseconds(1_000))
        #expect(stage[n1].readsReady.isEmpty)
        #expect(stage[n1].raft.leader == n2)
    }

    @Test(
        "§8 A leader that loses its part forgets the reads that wait, and no old answer frees them")
    func forgetsReads() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.read(n1, 1)
        stage.tell(n1, .readIndex(1, 2), from: n2)
        let rounds = stage.take()
        stage.tell(n1, .vote(2, last: entry(9, term: 1)), from: n3)
        stage.elect(n1)
        for packet in rounds { stage.tell(packet.to, packet.message, from: n1) }
        stage.deliver()
        #expect(stage[n1].raft.role == .leader && stage[n1].readsReady.isEmpty)
        #expect(stage[n2].readsReady.isEmpty)
    }

    @Test("etcd#20418: an answer to a read of before a restart names another process")
    func otherNonce() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.read(n2, 1, nonce: 100)
        let requests = stage.take { $0.message.kind == .readIndexRequest }
        stage.crash(n2)
        stage.restart(n2)
        stage.run(for: .milliseconds(100))
        for packet in requests { stage.tell(n1, packet.message, from: n2) }
        stage.read(n2, 1, nonce: 200)
        stage.deliver()
        let ids = stage[n2].readsReady.map(\.id)
        #expect(Set(ids) == [ReadID(nonce: 100, counter: 1), ReadID(nonce: 200, counter: 1)])
        #expect(ids.count == 2, "the host tells them apart by the nonce")
    }

    @Test("§8 Only the current leader's answer to a read counts")
    func strangersAnswers() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.read(n2, 1)
        stage.take()
        stage.tell(n2, .readIndexAnswer(1, 1, index: 0), from: n3)
        #expect(stage[n2].readsReady.isEmpty)
        stage.tell(n2, .append(2), from: n3)
        stage.tell(n2, .readIndexAnswer(1, 1, index: 0), from: n1)
        #expect(stage[n2].readsReady.isEmpty, "an answer of the term before")
    }

    @Test("§8 A follower's read that reaches no leader comes to nothing")
    func questionsToFollowers() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.tell(n2, .readIndex(1, 1), from: n3)
        #expect(stage.sent(n2, .readIndexReply).isEmpty)
        stage.isolate(n2)
        stage.read(n2, 2)
        stage.rejoin(n2)
        stage.run(for: .milliseconds(200))
        #expect(stage[n2].readsReady.isEmpty)
    }

    @Test("§8 A commit index that a reader learns never passes what agrees with the leader")
    func readIndexBoundsCommit() {
        let stage = Stage(3, disks: [n2: StagedDisk(log: "1:- 1:x 1:y", term: 2)])
        stage.tell(n2, .append(2, after: entry(1, term: 1)), from: n1)
        stage.tell(n2, .readIndexAnswer(2, 1, index: 3), from: n1)
        #expect(stage[n2].raft.commit == LogIndex(1))
        #expect(stage[n2].readsReady.map(\.index) == [LogIndex(3)], "the read waits for entry 3")
    }

    @Test("A leader keeps a bounded number of reads, drops and counts the rest")
    func boundedReads() {
        let stage = Stage(3)
        stage.elect(n1)
        var effects = Raft.Effects()
        let dropped = stage[n1].raft.droppedMessages
        for counter in 0..<UInt64(RaftLimits.pendingReads + 5) {
            let id = ReadID(nonce: 1, counter: counter)
            stage[n1].raft.step(.readRequested(id), at: stage.now, into: &effects)
        }
        #expect(stage[n1].raft.droppedMessages == dropped + 5)
        stage.turn(n1)
        stage.deliver()
        #expect(stage[n1].readsReady.count == RaftLimits.pendingReads)
    }
}
