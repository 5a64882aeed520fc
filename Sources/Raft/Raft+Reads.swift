import Primitives

/// A read that waits for a round of heartbeats to confirm that its leader still leads.
struct PendingRead {
    var id: ReadID
    /// Who asked; nil for this server itself.
    var origin: NodeID?
    /// The commit index when the read came.
    var index: LogIndex
    /// The round, begun after the read came, that confirms it.
    var round: UInt64
}

/// Linearizable reads without log entries (ReadIndex, thesis §6.4).
extension Raft {
    /// A client of this server wants to read: the leader confirms itself, a follower asks it.
    mutating func requestRead(_ id: ReadID, into effects: inout Effects) {
        if role == .leader {
            enqueue(id, origin: nil)
        } else if let leader {
            // A question promises nothing, so it does not wait for this server's disk.
            let request = ReadIndexRequest(term: term, id: id)
            effects.outbox.append(Outbound(to: leader, message: .readIndexRequest(request)))
        }
    }

    /// A follower's client wants to read.
    mutating func handleReadIndexRequest(
        _ request: ReadIndexRequest, from sender: NodeID, into effects: inout Effects
    ) {
        guard role == .leader else { return }
        enqueue(request.id, origin: sender)
    }

    private mutating func enqueue(_ id: ReadID, origin: NodeID?) {
        guard pendingReads.count + earlyReads.count < RaftLimits.pendingReads else {
            droppedMessages += 1
            return
        }
        // Thesis §6.4: until an entry of its own term is committed, a leader does not know how far
        // the log is committed.
        guard log.term(at: commit) == term else {
            earlyReads.append((id, origin))
            return
        }
        wantsRound = true
        pendingReads.append(
            PendingRead(id: id, origin: origin, index: commit, round: round + 1))
    }

    /// The first entry of the term is committed: reads that came before it can be numbered.
    mutating func startEarlyReads() {
        let waiting = earlyReads
        earlyReads.removeAll()
        for read in waiting { enqueue(read.id, origin: read.origin) }
    }

    /// Answers the reads whose round a quorum has answered.
    mutating func confirmReads(into effects: inout Effects) {
        guard role == .leader, !pendingReads.isEmpty else { return }
        let confirmed = quorum.reached(floor: 0, own: round, peers: peers) { $0.acknowledgedRound }
        while let read = pendingReads.first, read.round <= confirmed {
            pendingReads.popFirst()
            if let origin = read.origin {
                // The index is committed, whatever this server's disk does next.
                let reply = ReadIndexReply(term: term, id: read.id, index: read.index)
                effects.outbox.append(Outbound(to: origin, message: .readIndexReply(reply)))
            } else {
                effects.readsReady.append(ReadReady(id: read.id, index: read.index))
            }
        }
    }

    /// The leader has answered this follower's question. Its index is committed, so the answer
    /// brings that news, too.
    mutating func handleReadIndexReply(
        _ reply: ReadIndexReply, from sender: NodeID, into effects: inout Effects
    ) {
        guard reply.term == term, role == .follower, leader == sender else { return }
        learnCommit(reply.index)
        effects.readsReady.append(ReadReady(id: reply.id, index: reply.index))
    }

    /// This server does not lead any more: whoever waits asks again.
    mutating func forgetReads() {
        earlyReads.removeAll()
        pendingReads.removeAll()
        wantsRound = false
    }
}
