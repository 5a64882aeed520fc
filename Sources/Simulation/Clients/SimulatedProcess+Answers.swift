import Calculator
import Raft
import Replica

/// What the answers of a node come to, with the state machine beside it.
extension SimulatedProcess {
    /// What an entry came to, as a client is told it.
    func told(_ result: Engine<Calculator>.Result, at place: LogIndex) -> ClientAnswer {
        switch result.verdict {
        case .keyReused: return .keyReused(place)
        case .keyExpired: return .keyExpired(place)
        case .carriedOut, .conditionFailed: break
        }
        switch result.outcome {
        case .changed(let value, let index)?:
            return .value(receipt(value, lastChange: index, result, place))
        case .overflow(let value, let lastChange)?:
            return .overflow(receipt(value, lastChange: lastChange, result, place))
        case .refused(let value, let lastChange)?:
            return .conditionFailed(receipt(value, lastChange: lastChange, result, place))
        case nil: preconditionFailure("entry \(place.number) came to nothing")
        }
    }

    private func receipt(
        _ value: Int64, lastChange: UInt64, _ result: Engine<Calculator>.Result, _ place: LogIndex
    ) -> ClientAnswer.Receipt {
        ClientAnswer.Receipt(
            value: value, entry: result.entry, lastChange: LogIndex(lastChange), place: place)
    }

    /// The value as it is here.
    var present: ClientAnswer {
        .value(
            ClientAnswer.Receipt(
                value: engine.machine.value, entry: engine.applied,
                lastChange: LogIndex(engine.machine.lastChange)))
    }
}

/// Entries are applied one by one, so that every one is seen.
extension World {
    /// The answer for a client; nil where the node calls something committed that the log does not
    /// hold as a command.
    func clientAnswer(
        _ answer: Replica.Answer, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> ClientAnswer? {
        switch answer {
        case .committed(let entry):
            apply(through: entry.index, node, process).map { process.told($0, at: entry.index) }
        case .readable(let index):
            readable(through: index, node, process)
        case .redirect, .unavailable, .unknownOutcome, .leads, .notAVoter, .transferFailed:
            .other(answer)
        }
    }

    private func readable(
        through index: LogIndex, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> ClientAnswer {
        _ = apply(through: index, node, process)
        return process.present
    }

    /// Applies what is committed up to that index. Returns what the entry there came to; nil where it was
    /// applied before, or is no command.
    func apply(
        through index: LogIndex, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> Engine<Calculator>.Result? {
        var result: Engine<Calculator>.Result?
        while process.engine.applied.index < index, violation == nil {
            let next = process.engine.applied.index.next
            result = process.node.withLog { process.engine.apply(through: next, of: $0) }
            let decision = result.map { process.told($0, at: next).decision(at: next) }
            let seen = AppliedEntry(
                node: node.number, index: next,
                decision: decision ?? Decision(verdict: .nothing, first: next),
                tookEffect: process.engine.machine.lastChange == next.number,
                hash: process.engine.hash)
            if !node.isMiscounting, let fault = invariants.applied(seen) { fail(fault) }
            if let result { guarded.count(result) }
        }
        return result
    }
}

extension ClientAnswer {
    /// What an entry must have come to for this answer.
    fileprivate func decision(at place: LogIndex) -> Decision {
        Decision(verdict: verdict, first: receipt?.entry.index ?? place)
    }
}
