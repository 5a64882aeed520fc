/// Where a walk through a log stands, so that the term of the next entry need not be searched for.
///
/// It is a guess that each look-up checks and corrects: one that was kept while the log changed costs
/// a search and is never wrong.
public struct TermCursor: Sendable {
    fileprivate var run = 0

    /// A walk that has not begun.
    public init() {}
}

/// The term of every entry of a log, kept as runs: where each term begins.
///
/// Terms in a log never fall, so the term of the newest entry is at the end, any other is found by a
/// binary search, and so is the end of a term ("back up by a whole term", Raft §5.3).
struct TermRuns {
    private struct Run {
        var term: Term
        var first: LogIndex
    }

    private var runs: [Run] = []

    /// Notes the term of an entry that was appended at `index`.
    mutating func append(_ term: Term, at index: LogIndex) {
        if let last = runs.last {
            precondition(term >= last.term, "term \(term) after \(last.term) at \(index)")
            if last.term == term { return }
        }
        runs.append(Run(term: term, first: index))
    }

    /// Forgets the entries from `index` on.
    mutating func truncate(from index: LogIndex) {
        while let last = runs.last, last.first >= index { runs.removeLast() }
    }

    /// The term of the entry at `index`, which must be in the log.
    func term(at index: LogIndex) -> Term {
        runs[run(of: index)].term
    }

    /// The term of the entry at `index`, which must be in the log: at once where `cursor` stands in its
    /// run or in the one before it.
    func term(at index: LogIndex, _ cursor: inout TermCursor) -> Term {
        if !isRun(cursor.run, of: index) {
            cursor.run = isRun(cursor.run + 1, of: index) ? cursor.run + 1 : run(of: index)
        }
        return runs[cursor.run].term
    }

    /// The last index, at most `limit`, whose entry is of `term` or an older one; the index before
    /// the first run where there is none.
    func lastIndex(upTo limit: LogIndex, ofTermAtMost term: Term) -> LogIndex {
        let later = firstRun { $0.term > term }
        guard later < runs.count else { return limit }
        return min(limit, runs[later].first.previous)
    }

    private func isRun(_ position: Int, of index: LogIndex) -> Bool {
        position < runs.count && runs[position].first <= index
            && (position + 1 == runs.count || runs[position + 1].first > index)
    }

    private func run(of index: LogIndex) -> Int {
        let newest = runs.count - 1
        if newest >= 0, runs[newest].first <= index { return newest }
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
