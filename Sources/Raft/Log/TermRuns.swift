/// The term of every entry of a log, kept as runs: where each term begins.
///
/// Terms in a log never fall, so a log of a million entries is a handful of runs, the term of the
/// newest entry is at the end, and "back up by a whole term" (Raft §5.3) is one step.
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
        var position = runs.count - 1
        while position >= 0, runs[position].first > index { position -= 1 }
        precondition(position >= 0, "no term at \(index)")
        return runs[position].term
    }

    /// The last index, at most `limit`, whose entry is of `term` or an older one; the index before
    /// the first run where there is none.
    func lastIndex(upTo limit: LogIndex, ofTermAtMost term: Term) -> LogIndex {
        var end = limit
        for run in runs.reversed() where run.first <= end {
            if run.term <= term { return end }
            end = run.first.previous
        }
        return end
    }
}
