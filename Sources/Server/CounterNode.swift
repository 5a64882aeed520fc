import Calculator
import Node
import Primitives
import Raft
import Replica

/// What a client wants of the counter.
enum ClientRequest {
    case write(Calculator.Command)
    /// The same under a key, on a condition, or both.
    case guardedWrite(Calculator.Command, WriteGuard)
    /// The value, never older than any write acknowledged before the question.
    case read
    /// The value as this node has it.
    case staleRead
    /// Let that voter lead, or any other than the present leader.
    case transfer(to: NodeID?)
}

/// What a client is told.
enum Reply {
    /// Done: the value and where it stands.
    case value(Receipt)
    /// The sum leaves Int64: the command is in the log and changed nothing.
    case overflow(Receipt)
    /// The last change is none that the condition names: the command is in the log and changed nothing.
    case preconditionFailed(Receipt)
    /// The key is another command's. The entry is the write's own, and changed nothing.
    case keyReused(EntryID)
    /// The key may have been forgotten since it was first sent. The entry is the write's own, and changed
    /// nothing.
    case keyExpired(EntryID)
    /// Another node leads.
    case redirect(leader: NodeID, http: [UInt8])
    case unavailable(Replica.Unavailable)
    /// The write may be committed or not, now or later.
    case unknownOutcome
    /// Leadership has gone where it was to go: that node leads that term.
    case leads(NodeID, Term)
    /// Leadership was to go to a node that is no voter.
    case notAVoter
    /// Leadership did not go where it was to go.
    case transferFailed
}

/// Where a value stands: a write's own entry, or the last entry applied when a read was answered.
struct Receipt {
    var value: Int64
    var entry: EntryID
    /// The index of the last command that took effect.
    var lastChange: UInt64
    /// Whether this is what an earlier write with the same key came to.
    var isReplay = false
}

/// A node with the counter that it replicates, in the present turn.
struct CounterNode: ~Copyable {
    var node: Node
    private var engine: Engine<Calculator>
    /// What will be a snapshot once it is verified.
    private var copy: Engine<Calculator>?
    /// The state of the leader's snapshot that is on disk, until the node has made it its log's beginning.
    var arrived: Engine<Calculator>?
    var effects = Node.Effects()
    /// When the present turn began.
    var now: Instant
    /// Whether the gossip's port is bound.
    var isGossipPortBound = false

    init(_ node: consuming Node, engine: Engine<Calculator>, at now: Instant) {
        self.node = node
        self.engine = engine
        self.now = now
        applyCommitted()
    }

    mutating func beginTurn() {
        node.beginTurn(at: now, into: &effects)
        guard let last = effects.installed else { return }
        guard let arrived = arrived.take(), arrived.applied == last else {
            preconditionFailure("no state of the snapshot that ends with \(last)")
        }
        engine = arrived
        copy = nil
    }

    mutating func endTurn() { node.endTurn(at: now, into: &effects) }

    /// The value as this node has it.
    var receipt: Receipt {
        Receipt(
            value: engine.machine.value, entry: engine.applied,
            lastChange: engine.machine.lastChange)
    }

    /// Whether the gossip does not what it should: its port is not bound, or nobody else is heard.
    var isGossipDegraded: Bool { !isGossipPortBound || node.isGossipAlone }

    /// Puts a request before the node. Nil where its answer follows among the effects: see `reply`.
    mutating func ask(_ request: ClientRequest, _ id: RequestID) -> Reply? {
        let answer: Replica.Answer?
        switch request {
        case .staleRead:
            return node.isInDoubt ? .unavailable(.diverged) : .value(receipt)
        case .write(let command): answer = ask(Replica.Request.write(command), id)
        case .guardedWrite(let command, let writeGuard):
            answer = ask(Replica.Request.guardedWrite(command, writeGuard), id)
        case .read: answer = ask(Replica.Request<Calculator.Command>.read, id)
        case .transfer(let target):
            answer = ask(Replica.Request<Calculator.Command>.transfer(to: target), id)
        }
        return answer.map { reply(to: $0) }
    }

    private mutating func ask(
        _ request: Replica.Request<Calculator.Command>, _ id: RequestID
    ) -> Replica.Answer? {
        node.request(request, id, at: now, into: &effects)
    }

    /// Once the answers of a turn are given: tells the node what the state came to at checkpoints, and
    /// copies the engine where that is wanted. A copy shares what the keys take with the one that goes on.
    mutating func followState() {
        if effects.copiesEngine {
            applyCommitted()
            copy = engine
        }
        if effects.notesState {
            applyCommitted()
            engine.noteState()
        }
        for hash in engine.takeCheckpoints() { node.note(.stateHash(hash)) }
    }

    /// A copy of the engine, all that is committed applied, for a client.
    mutating func committedEngine() -> Engine<Calculator> {
        applyCommitted()
        return engine
    }

    /// Hands the copy over that is to be saved.
    mutating func takeCopy() -> Engine<Calculator> {
        guard let copy = copy.take() else { preconditionFailure("a snapshot of no copy") }
        return copy
    }

    /// Applies what is committed, as far as no answer has asked for it.
    mutating func applyCommitted() {
        let commit = node.commit
        _ = node.withLog { engine.apply(through: commit, of: $0) }
    }

    /// Applies what the answer rests on, and says what came of it. Each answer of the effects is asked
    /// about once, in their order.
    mutating func reply(to answer: Replica.Answer) -> Reply {
        switch answer {
        case .committed(let entry):
            let result = node.withLog { engine.apply(through: entry.index, of: $0) }
            guard let result else {
                preconditionFailure("the entry \(entry) of a write holds no command")
            }
            return CounterNode.reply(to: result)
        case .readable(let index):
            _ = node.withLog { engine.apply(through: index, of: $0) }
            return .value(receipt)
        case .redirect(let leader, let http): return .redirect(leader: leader, http: http)
        case .unavailable(let reason): return .unavailable(reason)
        case .unknownOutcome: return .unknownOutcome
        case .leads(let leader, let term): return .leads(leader, term)
        case .notAVoter: return .notAVoter
        case .transferFailed: return .transferFailed
        }
    }

    /// What a command came to, in its client's terms.
    private static func reply(to result: Engine<Calculator>.Result) -> Reply {
        switch result.outcome {
        case .changed(let value, let index):
            return .value(Receipt(result, value: value, lastChange: index))
        case .overflow(let value, let lastChange):
            return .overflow(Receipt(result, value: value, lastChange: lastChange))
        case .refused(let value, let lastChange):
            return .preconditionFailed(Receipt(result, value: value, lastChange: lastChange))
        case nil: break
        }
        switch result.verdict {
        case .keyReused: return .keyReused(result.entry)
        case .keyExpired: return .keyExpired(result.entry)
        case .carriedOut, .conditionFailed:
            preconditionFailure("the command at \(result.entry) has no outcome")
        }
    }
}

extension Receipt {
    fileprivate init(_ result: Engine<Calculator>.Result, value: Int64, lastChange: UInt64) {
        self.init(
            value: value, entry: result.entry, lastChange: lastChange, isReplay: result.isReplay)
    }
}
