import Primitives
import Testing

@testable import Raft

/// Thesis §10.2: messages follow each other without waiting for answers, within bounds.
@Suite struct ThesisPipelining {
    private func submitMany(_ stage: Stage, _ count: Int, size: Int = 0) {
        var payloads = Payloads()
        for _ in 0..<count { payloads.append { $0 += [UInt8](repeating: 120, count: size) } }
        stage.turn(n1, .submitted(payloads))
    }

    private func appends(_ stage: Stage, to follower: NodeID) -> [AppendEntries] {
        stage.sent(n1, to: follower).compactMap(\.asAppendEntries)
    }

    @Test("Thesis §10.2.1: entries follow each other before the first is acknowledged")
    func pipelines() {
        let stage = Stage(3)
        stage.elect(n1)
        for command in ["a", "b", "c"] { stage.submit(n1, command) }
        #expect(appends(stage, to: n2).map(\.entries.text) == ["1:a", "1:b", "1:c"])
        #expect(appends(stage, to: n2).map(\.previous.index.number) == [1, 2, 3])
    }

    @Test("Until the logs are known to agree, one message at a time is under way")
    func probes() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        for command in ["a", "b", "c"] { stage.submit(n1, command) }
        #expect(appends(stage, to: n2).map(\.entries.text) == ["1:-"])
        stage.deliver { $0.to == n2 && $0.message.kind == .appendEntries }
        stage.deliverOnce { $0.from == n2 }
        #expect(appends(stage, to: n2).map(\.entries.text) == ["1:a 1:b 1:c"])
    }

    @Test("Thesis §10.2.2: commands of one turn travel in one message, within its bounds")
    func batches() {
        let stage = Stage(3)
        stage.elect(n1)
        submitMany(stage, 1_000)
        #expect(appends(stage, to: n2).map(\.entries.count) == [1_000])
        stage.deliver()
        submitMany(stage, 200, size: 1_000)
        let sent = appends(stage, to: n2)
        #expect(sent.count > 1 && sent.map(\.entries.count).reduce(0, +) == 200)
        #expect(sent.allSatisfy { $0.entries.bytes.count <= RaftLimits.bytesInMessage })
        stage.deliver()
        submitMany(stage, 2, size: RaftLimits.bytesInMessage + 1)
        #expect(appends(stage, to: n2).map(\.entries.count) == [1, 1], "too large, alone")
        stage.deliver()
        submitMany(stage, 5_000)
        #expect(
            appends(stage, to: n2).allSatisfy { $0.entries.count <= RaftLimits.entriesInMessage })
        stage.deliver()
        #expect(stage[n3].raft.log.lastIndex == stage[n1].raft.log.lastIndex)
        #expect(stage[n1].raft.commit == stage[n1].raft.log.lastIndex)
    }

    @Test("No more entries are under way to a follower than the window holds")
    func window() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.deliver()
        for _ in 0..<7 { submitMany(stage, 3_001) }
        let sent = appends(stage, to: n2).map(\.entries.count).reduce(0, +)
        #expect(sent == RaftLimits.entriesInFlight)
        stage.expire(n1)
        let heartbeat = appends(stage, to: n2).last
        #expect(heartbeat?.entries.isEmpty == true, "a full window stops no heartbeat")
        #expect(heartbeat?.previous.index == LogIndex(UInt64(1 + RaftLimits.entriesInFlight)))
        stage.deliver()
        #expect(stage[n2].raft.log.lastIndex == stage[n1].raft.log.lastIndex)
        #expect(stage[n1].raft.commit == LogIndex(1 + 7 * 3_001))
    }

    @Test("No more bytes are under way to a follower than the window holds")
    func bytesUnderWay() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.deliver()
        submitMany(stage, 3_000, size: 1_000)
        let bytes = appends(stage, to: n2).map(\.entries.bytes.count).reduce(0, +)
        #expect(bytes <= RaftLimits.bytesInFlight)
        #expect(bytes > RaftLimits.bytesInFlight - 2 * RaftLimits.bytesInMessage)
        submitMany(stage, 10, size: 1_000)
        stage.expire(n1)
        #expect(appends(stage, to: n2).last?.entries.isEmpty == true, "the window is full")
        stage.deliver()
        #expect(stage[n2].raft.log.lastIndex == stage[n1].raft.log.lastIndex)
        #expect(stage[n1].raft.commit == LogIndex(1 + 3_010))
    }

    @Test("A follower far behind gets one message a turn, and the leader asks for the next turn")
    func oneMessageATurn() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.deliver()
        var payloads = Payloads()
        for _ in 0..<200 { payloads.append { $0 += [UInt8](repeating: 120, count: 1_000) } }
        let player = stage[n1]
        var counts: [Int] = []
        var event = Raft.Event.submitted(payloads)
        repeat {
            var effects = Raft.Effects()
            player.raft.step(event, at: stage.now, into: &effects)
            player.raft.step(.turnEnded, at: stage.now, into: &effects)
            let sent = effects.outbox.filter { $0.to == n2 }.compactMap {
                $0.message.asAppendEntries
            }
            #expect(sent.count == 1)
            counts.append(contentsOf: sent.map(\.entries.count))
            event = .deadlineReached
        } while player.raft.deadline <= stage.now
        #expect(counts.count > 3 && counts.reduce(0, +) == 200)
    }

    @Test("While a probe's answer is awaited rounds and heartbeats carry no entries")
    func probesDoNotRepeatEntries() throws {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        stage.submit(n1, "a")
        stage.deliver { $0.from == n3 || $0.to == n3 }
        for counter in 1...3 { stage.read(n1, UInt64(counter)) }
        stage.expire(n1)
        stage.expire(n1)
        let sent = appends(stage, to: n2)
        #expect(sent.first?.entries.text == "1:-")
        #expect(sent.count >= 6 && sent.dropFirst().allSatisfy { $0.entries.isEmpty })
        #expect(sent.last?.round == 3 && sent.last?.previous == .zero)

        // The entries are lost, a heartbeat is not: its answer brings them.
        let heartbeat = try #require(stage.take { $0.to == n2 }.last)
        stage.tell(n2, heartbeat.message, from: n1)
        stage.deliverOnce { $0.from == n2 }
        #expect(appends(stage, to: n2).map(\.entries.text) == ["1:- 1:a"])
        stage.deliver()
        #expect(stage[n2].log == stage[n1].log)
    }

    @Test("After a loss the leader asks where the logs agree, and goes on from there")
    func probeAfterLoss() throws {
        let stage = Stage(3)
        stage.elect(n1)
        for command in ["a", "b", "c"] { stage.submit(n1, command) }
        let lost = stage.take { $0.to == n2 }[0]
        #expect(lost.message.asAppendEntries?.entries.text == "1:a")
        stage.submit(n1, "d")
        stage.deliverOnce { $0.to == n2 }
        #expect(stage.sent(n2) == [.conflict(1, at: 4, hint: entry(1, term: 1))])
        stage.deliverOnce { $0.from == n2 }
        let retry = try #require(appends(stage, to: n2).first)
        #expect(retry.previous == entry(1, term: 1) && retry.entries.text == "1:a 1:b 1:c 1:d")
        stage.deliver()
        #expect(stage[n2].log == stage[n1].log)
    }

    @Test("A loss that nothing follows shows with the next heartbeat")
    func lossAtTheEnd() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.drop { $0.to == n2 || $0.from == n2 }
        stage.run(for: Timing.standard.heartbeat * 2)
        #expect(stage[n2].log == "1:- 1:a")
    }

    @Test("A probe that is lost is repeated with the next heartbeat")
    func lostProbe() {
        let stage = Stage(3)
        stage.makeCandidate(n1)
        stage.deliver { [.voteRequest, .voteReply].contains($0.message.kind) }
        stage.drop { $0.to == n2 }
        stage.submit(n1, "a")
        #expect(appends(stage, to: n2).isEmpty, "one at a time")
        stage.run(for: Timing.standard.heartbeat * 2)
        #expect(stage[n2].log == "1:- 1:a")
    }

    @Test("A refusal that comes after an agreement on more says nothing")
    func overtakenRefusal() {
        let stage = Stage(3)
        stage.elect(n1)
        stage.submit(n1, "a")
        stage.submit(n1, "b")
        let sent = stage.take { $0.to == n2 && $0.message.kind == .appendEntries }
        stage.tell(n2, sent[1].message, from: n1)
        let refusal = stage.take { $0.from == n2 }
        stage.tell(n2, sent[0].message, from: n1)
        stage.tell(n2, sent[1].message, from: n1)
        stage.deliver()
        #expect(stage[n1].raft.peers[0].match == LogIndex(3))
        let dropped = stage[n1].raft.droppedMessages
        for packet in refusal { stage.tell(n1, packet.message, from: n2) }
        #expect(stage[n1].raft.droppedMessages == dropped + 1)
        #expect(stage[n1].raft.peers[0].isPipelining)
    }
}
