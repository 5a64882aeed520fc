import Calculator
import Replica

/// What writes came to where nodes applied them, every node's counted.
struct GuardedTally {
    private var replays = 0
    private var failedConditions = 0
    private var reusedKeys = 0
    private var expiredKeys = 0

    mutating func count(_ result: Engine<Calculator>.Result) {
        if result.isReplay { replays += 1 }
        switch result.verdict {
        case .carriedOut: break
        case .conditionFailed: failedConditions += 1
        case .keyReused: reusedKeys += 1
        case .keyExpired: expiredKeys += 1
        }
    }

    /// Names and counts, always in the same order.
    var rows: [(name: String, count: Int)] {
        [
            ("replay", replays), ("conditionFailed", failedConditions), ("keyReused", reusedKeys),
            ("keyExpired", expiredKeys),
        ]
    }
}
