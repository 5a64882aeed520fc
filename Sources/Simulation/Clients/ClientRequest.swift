import Calculator
import Primitives
import Raft
import Replica

/// What a client asks a node for.
enum ClientRequest: Hashable {
    case write(Calculator.Command)
    case read
    /// The value as the node has it, however old.
    case staleRead
    /// Leadership is to go to that node, or to any other.
    case transfer(to: NodeID?)

    /// What the request puts into the log; nil where that is nothing.
    var command: Calculator.Command? {
        if case .write(let command) = self { command } else { nil }
    }

    /// What a node is asked; nil for a stale read, which its host answers.
    var nodeRequest: Replica.Request<Calculator.Command>? {
        switch self {
        case .write(let command): .write(command)
        case .read: .read
        case .staleRead: nil
        case .transfer(let target): .transfer(to: target)
        }
    }
}

/// What a node's host tells a client.
enum ClientAnswer: Hashable {
    /// The value, and where in the log it stands.
    struct Receipt: Hashable {
        var value: Int64
        /// A write's own entry; for a read, the last one that had been applied.
        var entry: EntryID
        /// The index of the last command that took effect.
        var lastChange: LogIndex
    }

    case value(Receipt)
    case overflow(Receipt)
    /// All other answers, as the node gives them.
    case other(Replica.Answer)
}
