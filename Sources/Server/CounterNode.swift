import Calculator
import Node
import Primitives
import Raft
import Replica

/// What a client wants of the counter.
enum ClientRequest {
    case write(Calculator.Command)
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
}

/// A node with the counter that it replicates, in the present turn.
struct CounterNode: ~Copyable {
    var node: Node
    private var engine = Engine<Calculator>()
    var effects = Node.Effects()
    /// When the present turn began.
    var now: Instant
    /// Whether the gossip's port is bound.
    var isGossipPortBound = false

    init(_ node: consuming Node, at now: Instant) {
        self.node = node
        self.now = now
        applyCommitted()
    }

    mutating func beginTurn() { node.beginTurn(at: now, into: &effects) }

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
        case .staleRead: return .value(receipt)
        case .write(let command): answer = ask(Replica.Request.write(command), id)
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
            switch result?.outcome {
            case .changed(let value, let index):
                return .value(Receipt(value: value, entry: entry, lastChange: index))
            case .overflow(let value, let lastChange):
                return .overflow(Receipt(value: value, entry: entry, lastChange: lastChange))
            case .refused, nil:
                preconditionFailure("the entry \(entry) of a write holds no bare command")
            }
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
}
