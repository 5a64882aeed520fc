import Calculator
import Primitives
import Raft

/// A write whose fate is not known yet.
struct WaitingWrite {
    var entry: EntryID
    var request: RequestID
    var deadline: Instant
}

/// Writes, from the client's question to their fate.
///
/// The node that proposed a write keeps its client waiting until it knows which entry is committed
/// at the write's index. The entry's own term there is success, whoever led; another term means that
/// the write can never be applied. That the own log lost the entry proves nothing (Raft figure 8).
extension Replica {
    /// Takes a client's request.
    mutating func take(
        _ request: Request, _ id: RequestID, at now: Instant, into effects: inout Effects
    ) {
        switch request {
        case .set(let value): propose(.set(value), id, at: now, into: &effects)
        case .add(let value): propose(.add(value), id, at: now, into: &effects)
        case .get: takeRead(id, at: now, into: &effects)
        case .staleGet: effects.answers.append((id, .value(receipt)))
        case .transfer(let target): requestTransfer(to: target, id, at: now, into: &effects)
        }
    }

    func refuse(_ id: RequestID, _ reason: Unavailable, into effects: inout Effects) {
        effects.answers.append((id, .unavailable(reason)))
    }

    /// The value as this node has it now.
    var receipt: Receipt {
        Receipt(
            value: calculator.value, entry: applied,
            lastChange: LogIndex(calculator.lastChange))
    }

    mutating func propose(
        _ command: Calculator.Command, _ id: RequestID, at now: Instant,
        into effects: inout Effects
    ) {
        guard case .founded = founding else {
            return refuse(id, isStopping ? .stopping : .forming, into: &effects)
        }
        if isLeadershipMoving(at: now) { return hold(command, id, at: now, into: &effects) }
        guard raft.role == .leader, !isStopping else {
            return redirectToLeader(id, into: &effects)
        }
        guard waitingWrites.count + proposers.count < ReplicaLimits.waitingWrites else {
            return refuse(id, .overloaded, into: &effects)
        }
        payloads.append { command.append(to: &$0) }
        proposers.append(id)
    }

    /// Sends a client on to the leader, or says why that can't be done.
    func redirectToLeader(_ id: RequestID, into effects: inout Effects) {
        // Only a leader whose connection this node holds is worth sending a client to.
        guard let leader = raft.leader, leader != identity.node,
            let peer = establishedLink(with: leader)
        else { return refuse(id, isStopping ? .stopping : .noLeader, into: &effects) }
        effects.answers.append((id, .redirect(leader: leader, http: peer.http)))
    }

    /// Submits what the turn's clients want as one batch.
    mutating func submitProposals(at now: Instant, into effects: inout Effects) {
        guard !proposers.isEmpty else { return }
        effects.raft.accepted = nil
        // The core reads the payloads and gives the room back with the next statement.
        stepRaft(.submitted(payloads), at: now, into: &effects)
        payloads.removeAll()
        if let first = effects.raft.accepted {
            awaitFate(ofWritesFrom: first, deadline: now + requestTimeout)
        } else {
            for request in proposers { refuse(request, .noLeader, into: &effects) }
        }
        proposers.removeAll(keepingCapacity: true)
    }

    /// Puts the turn's writes among those that wait, which are sorted by index. New ones come last,
    /// unless this node led before, lost entries, and leads again: then the two are merged.
    private mutating func awaitFate(ofWritesFrom first: EntryID, deadline: Instant) {
        var overtaken: [WaitingWrite] = []
        while let last = waitingWrites.last, last.entry.index > first.index {
            overtaken.append(last)
            waitingWrites.popLast()
        }
        for (offset, request) in proposers.enumerated() {
            let entry = EntryID(index: first.index.advanced(by: offset), term: first.term)
            while let next = overtaken.last, next.entry.index <= entry.index {
                waitingWrites.append(next)
                overtaken.removeLast()
            }
            waitingWrites.append(
                WaitingWrite(entry: entry, request: request, deadline: deadline))
        }
        while let next = overtaken.popLast() { waitingWrites.append(next) }
        nextExpiry = min(nextExpiry, deadline)
    }

    /// Applies what is newly committed, in order, and answers whoever waited for it.
    mutating func applyCommitted(into effects: inout Effects) {
        var cursor = TermCursor()
        while applied.index < raft.commit {
            let index = applied.index.next
            applied = EntryID(index: index, term: raft.log.term(at: index, &cursor))
            let outcome = applyEntry(at: index)
            while let write = waitingWrites.first, write.entry.index <= index {
                waitingWrites.popFirst()
                answer(write, outcome, into: &effects)
            }
        }
    }

    private mutating func applyEntry(at index: LogIndex) -> Calculator.Outcome? {
        let command = raft.log.withEntry(at: index) { kind, bytes, payload -> Calculator.Command? in
            guard kind == .command else { return nil }
            guard let command = Calculator.Command(bytes: bytes, in: payload) else {
                preconditionFailure("entry \(index) holds no command")
            }
            return command
        }
        return command.map { calculator.apply($0, at: index.number) }
    }

    private func answer(
        _ write: WaitingWrite, _ outcome: Calculator.Outcome?, into effects: inout Effects
    ) {
        let answer: Answer
        if write.entry != applied {
            answer = .unavailable(.superseded)
        } else {
            switch outcome {
            case .value: answer = .value(receipt)
            case .overflow: answer = .overflow(receipt)
            case nil: preconditionFailure("the entry of a write holds no command")
            }
        }
        effects.answers.append((write.request, answer))
    }

    /// Whether any client still waits for its answer.
    public var hasWaitingRequests: Bool {
        !waitingWrites.isEmpty || !proposers.isEmpty || !unsentReads.isEmpty
            || !readAttempts.isEmpty || !heldWrites.isEmpty || !waitingTransfers.isEmpty
    }

    /// Answers those whose time is up: a write's outcome is unknown, a read was not confirmed.
    mutating func expireRequests(at now: Instant, into effects: inout Effects) {
        guard now >= nextExpiry else { return }
        var next = Instant.never
        for _ in 0..<waitingWrites.count {
            guard let write = waitingWrites.popFirst() else { break }
            if write.deadline <= now {
                effects.answers.append((write.request, .unknownOutcome))
            } else {
                next = min(next, write.deadline)
                waitingWrites.append(write)
            }
        }
        next = min(next, expireReads(at: now, into: &effects))
        next = min(next, expireTransfers(at: now, into: &effects))
        // Deadlines lie as close as requests came; looking every 10 ms is close enough.
        nextExpiry = next == .never ? .never : max(next, now + .milliseconds(10))
    }
}
