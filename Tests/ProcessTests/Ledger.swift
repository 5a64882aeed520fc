import ClusterHarness
import Primitives

/// What clients that add 1 were told, held against what the cluster ended with.
struct Ledger {
    private struct Receipt {
        var index: UInt64
        var value: Int64
        var start: Instant
        var end: Instant
    }

    private let receipts: [Receipt]
    private let unknown: Int

    /// The history of attempts at adding 1.
    init(_ attempts: [WriterPool.Attempt]) {
        receipts = attempts.compactMap { attempt in
            guard case .acknowledged(let index, _, let value) = attempt.outcome else { return nil }
            return Receipt(index: index, value: value, start: attempt.start, end: attempt.end)
        }
        unknown = attempts.count { $0.outcome == .unknown }
    }

    /// How many writes were acknowledged.
    var acknowledged: Int { receipts.count }

    /// All that contradicts a value that was `before` at first and `after` in the end, where nobody
    /// else wrote. Empty is good.
    func contradictions(from before: Int64, to after: Int64) -> [String] {
        var found: [String] = []
        let rise = Int(after - before)
        if rise < acknowledged {
            found.append("\(acknowledged) acknowledged, but the value rose by \(rise)")
        }
        if rise > acknowledged + unknown {
            found.append("the value rose by \(rise), but only \(acknowledged) + \(unknown) wrote")
        }
        return found + contradictionsOfOrder(before, after) + contradictionsOfTime()
    }

    /// Each write has a place of its own in the log, and the values rise with the places: by at least
    /// 1 for every receipt, and by at most 1 for every entry in between.
    private func contradictionsOfOrder(_ before: Int64, _ after: Int64) -> [String] {
        var found: [String] = []
        let sorted = receipts.sorted { $0.index < $1.index }
        for (first, second) in zip(sorted, sorted.dropFirst()) {
            let entries = second.index - first.index
            let rise = second.value - first.value
            if entries == 0 { found.append("two writes were told index \(first.index)") }
            if rise < 1 || rise > Int64(entries) {
                found.append("\(first.value) at \(first.index), \(second.value) at \(second.index)")
            }
        }
        if let first = sorted.first, let last = sorted.last,
            first.value <= before || last.value > after
        {
            found.append("told \(first.value) to \(last.value) between \(before) and \(after)")
        }
        return Array(found.prefix(10))
    }

    /// A write that began after another one was acknowledged comes behind it (linearizability; the
    /// values follow from the indexes).
    private func contradictionsOfTime() -> [String] {
        var found: [String] = []
        let byEnd = receipts.sorted { $0.end < $1.end }
        var ended = 0
        var newest: UInt64 = 0
        for receipt in receipts.sorted(by: { $0.start < $1.start }) {
            while ended < byEnd.count, byEnd[ended].end < receipt.start {
                newest = max(newest, byEnd[ended].index)
                ended += 1
            }
            if receipt.index <= newest {
                found.append("a write got index \(receipt.index) after \(newest) was acknowledged")
            }
        }
        return Array(found.prefix(10))
    }
}
