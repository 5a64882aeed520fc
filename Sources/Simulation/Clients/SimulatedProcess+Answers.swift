import Calculator
import Raft
import Replica

/// What the answers of a node come to, with the state machine beside it.
extension SimulatedProcess {
    /// The answer for a client; nil where the node calls something committed that the log does not
    /// hold as a command.
    func clientAnswer(_ answer: Replica.Answer) -> ClientAnswer? {
        switch answer {
        case .committed(let entry):
            guard let outcome = apply(through: entry.index) else { return nil }
            switch outcome {
            case .changed(let value, let index):
                return .value(
                    ClientAnswer.Receipt(value: value, entry: entry, lastChange: LogIndex(index)))
            case .overflow(let value, let lastChange):
                return .overflow(
                    ClientAnswer.Receipt(
                        value: value, entry: entry, lastChange: LogIndex(lastChange)))
            case .refused: return nil
            }
        case .readable(let index):
            _ = apply(through: index)
            return present
        case .redirect, .unavailable, .unknownOutcome, .leads, .notAVoter, .transferFailed:
            return .other(answer)
        }
    }

    /// The value as it is here.
    var present: ClientAnswer {
        .value(
            ClientAnswer.Receipt(
                value: engine.machine.value, entry: engine.applied,
                lastChange: LogIndex(engine.machine.lastChange)))
    }

    /// Applies what is committed up to that index.
    func apply(through index: LogIndex) -> Calculator.Outcome? {
        guard engine.applied.index < index else { return nil }
        return node.withLog { engine.apply(through: index, of: $0)?.outcome }
    }
}
