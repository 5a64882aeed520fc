/// Where a walk through a log stands, so that the term of the next entry need not be searched for.
///
/// It is a guess that each look-up checks and corrects: one that was kept while the log changed costs
/// a search and is never wrong.
public struct TermCursor: Sendable {
    fileprivate var run = 0

    /// A walk that has not begun.
    public init() {}
}

/// The term of a log's base and of every entry behind it, kept as runs: where each term begins.
///
/// Terms in a log never fall, so the term of the newest entry is at the end, any other is found by a
/// binary search, and so is the end of a term ("back up by a whole term", Raft §5.3).
struct TermRuns {
    private struct Run {
        var term: Term
        var first: LogIndex
    }

    /// The first begins with the base, and each other one behind it; terms rise.
    private var runs: [Run]

    /// A log that ends with its base.
    init(base: EntryID) {
        runs = [Run(term: base.term, first: base.index)]
    }

    /// Notes the term of an entry that was appended at `index`.
    mutating func append(_ term: Term, at index: LogIndex) {
        let last = runs[runs.count - 1]
        precondition(term >= last.term, "term \(term) after \(last.term) at \(index)")
        if last.term == term { return }
        runs.append(Run(term: term, first: index))
    }

    /// Forgets the entries from `index` on, which lies behind the base.
    mutating func truncate(from index: LogIndex) {
        while runs.count > 1, runs[runs.count - 1].first >= index { runs.removeLast() }
    }

    /// Forgets what lies before `base`, an entry of the log.
    mutating func compact(to base: EntryID) {
        let first = run(of: base.index)
        runs.removeFirst(first)
        runs[0].first = base.index
    }

    /// The term of the entry at `index`, which is the base or behind it.
    func term(at index: LogIndex) -> Term {
        runs[run(of: index)].term
    }

    /// The term of the entry at `index`, which is in the log: at once where `cursor` stands in its
    /// run or in the one before it.
    func term(at index: LogIndex, _ cursor: inout TermCursor) -> Term {
        if !isRun(cursor.run, of: index) {
            cursor.run = isRun(cursor.run + 1, of: index) ? cursor.run + 1 : run(of: index)
        }
        return runs[cursor.run].term
    }

    /// The last index, at most `limit`, whose entry is of `term` or an older one; the base's where
    /// there is none.
    func lastIndex(upTo limit: LogIndex, ofTermAtMost term: Term) -> LogIndex {
        let later = firstRun { $0.term > term }
        guard later < runs.count else { return limit }
        return min(limit, later == 0 ? runs[0].first : runs[later].first.previous)
    }

    private func isRun(_ position: Int, of index: LogIndex) -> Bool {
        position < runs.count && runs[position].first <= index
            && (position + 1 == runs.count || runs[position + 1].first > index)
    }

    private func run(of index: LogIndex) -> Int {
        let newest = runs.count - 1
        if runs[newest].first <= index { return newest }
        let later = firstRun { $0.first > index }
        precondition(later > 0, "no term at \(index)")
        return later - 1
    }

    /// The position of the first run for which `isLater` holds, as it does for all that follow it.
    private func firstRun(where isLater: (Run) -> Bool) -> Int {
        var range = 0..<runs.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                isLater(runs[middle])
                ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
