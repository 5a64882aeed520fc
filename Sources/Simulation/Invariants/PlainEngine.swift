import Calculator
import Primitives
import Raft
import Replica

/// What a committed entry comes to.
struct Decision: Hashable {
    enum Verdict: Hashable {
        /// No client asked for it.
        case nothing
        case changed
        case overflow
        case conditionFailed
        /// The key stands for another command.
        case keyReused
        /// The key may have been forgotten.
        case keyExpired
    }

    var verdict: Verdict
    /// The entry whose outcome the client is told: an earlier one where a key comes again.
    var first: LogIndex
}

/// A second, simple implementation of what a committed entry does: a calculator, and a list of keys
/// in the order of the log that is looked through from its end.
struct PlainEngine {
    private struct Known {
        var key: [UInt8]
        /// Compared before the key, to be quick.
        var digest: UInt64
        var command: Calculator.Command
        var condition: [UInt64]?
        var decision: Decision
    }

    /// How many keys are remembered.
    let capacity: Int
    private(set) var value: Int64 = 0
    /// The index of the last command that took effect.
    private(set) var lastChange = LogIndex.zero
    private var known: [Known] = []
    /// The entry of the newest key that was forgotten.
    private var forgotten = LogIndex.zero

    init(capacity: Int) { self.capacity = capacity }

    /// Carries out what stands at `index`.
    mutating func apply(_ payload: ShadowPayload, at index: LogIndex) -> Decision {
        switch payload {
        case .nothing, .level: Decision(verdict: .nothing, first: index)
        case .write(let command): carryOut(command, at: index)
        case .guarded(let command, let writeGuard):
            writeGuard.key.isEmpty
                ? decide(command, writeGuard.condition, at: index)
                : recall(command, writeGuard, at: index)
        }
    }

    private mutating func recall(
        _ command: Calculator.Command, _ writeGuard: WriteGuard, at index: LogIndex
    ) -> Decision {
        var hash = EffectHash()
        hash.mix(writeGuard.key)
        let digest = hash.value
        if let earlier = known.last(where: { $0.digest == digest && $0.key == writeGuard.key }) {
            guard earlier.command == command, earlier.condition == writeGuard.condition else {
                return Decision(verdict: .keyReused, first: index)
            }
            return earlier.decision
        }
        if let first = writeGuard.firstIndex, first < forgotten.number {
            return Decision(verdict: .keyExpired, first: index)
        }
        let decision = decide(command, writeGuard.condition, at: index)
        known.append(
            Known(
                key: writeGuard.key, digest: digest, command: command,
                condition: writeGuard.condition, decision: decision))
        if known.count > capacity { forgotten = known.removeFirst().decision.first }
        return decision
    }

    private mutating func decide(
        _ command: Calculator.Command, _ condition: [UInt64]?, at index: LogIndex
    ) -> Decision {
        if let condition, !condition.contains(lastChange.number) {
            return Decision(verdict: .conditionFailed, first: index)
        }
        return carryOut(command, at: index)
    }

    private mutating func carryOut(_ command: Calculator.Command, at index: LogIndex) -> Decision {
        switch command {
        case .set(let number): value = number
        case .add(let number):
            // A second way to tell an overflow than the calculator's own.
            let leavesAbove = number > 0 && value > Int64.max - number
            let leavesBelow = number < 0 && value < Int64.min - number
            if leavesAbove || leavesBelow { return Decision(verdict: .overflow, first: index) }
            value += number
        }
        lastChange = index
        return Decision(verdict: .changed, first: index)
    }
}
