import Calculator
import Raft

/// A key's effect is in the value once: however often a write was asked for under its key, and however
/// often it stands in the log, one of its entries at most takes effect.
///
/// That is told from what the engines do, not from any table of keys: an entry has taken effect where
/// it is the last change once it is applied. A key that came without an index may take effect again
/// where so many others came between that it was forgotten.
struct AppliedOnce {
    /// For each write, by its number, the entry that has taken effect.
    private var effects: [LogIndex] = []

    /// An entry has taken effect on a node.
    mutating func check(_ seen: AppliedEntry, in committed: CommittedLog) -> String? {
        let index = seen.index
        guard case .guarded(let command, let writeGuard) = committed[index].payload,
            !writeGuard.key.isEmpty
        else { return nil }
        let number = Operation.number(of: command)
        while effects.count <= number { effects.append(.zero) }
        let other = effects[number]
        if other == index { return nil }
        if other == .zero {
            effects[number] = index
            return nil
        }
        let (first, last) = (min(index, other), max(index, other))
        let mayComeAgain =
            writeGuard.firstIndex == nil && isForgettable(from: first, to: last, committed)
        guard mayComeAgain else {
            return """
                Applied Once: write #\(number) takes effect at \(other.number) and, on \
                n\(seen.node + 1), at \(index.number)
                """
        }
        // A node that is behind may still be at an effect before the newest.
        effects[number] = last
        return nil
    }

    /// Whether as many other keys as are remembered came between.
    private func isForgettable(
        from first: LogIndex, to last: LogIndex, _ committed: CommittedLog
    ) -> Bool {
        var keys: [[UInt8]] = []
        var index = first.next
        while index < last, keys.count < committed.keyCapacity {
            if let key = committed[index].payload.writeGuard?.key, !key.isEmpty,
                !keys.contains(key)
            {
                keys.append(key)
            }
            index = index.next
        }
        return keys.count >= committed.keyCapacity
    }
}
