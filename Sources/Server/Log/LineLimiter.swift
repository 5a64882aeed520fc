import Primitives

/// Holds back lines that repeat, for each origin apart, so that nobody's flood crowds out another's
/// lines: whoever makes up subjects fills his own table and spends his own lines.
struct LineLimiter {
    private var accounts = LogLine.Origin.allCases.map { LineAccount(of: $0) }

    /// When lines that are held back are due; `never` while there are none.
    private(set) var deadline = Instant.never

    /// Whether the line is to be written now; if not, it is held and counted.
    mutating func admit(_ line: LogLine, at now: Instant) -> Bool {
        let isAdmitted = accounts[line.origin.rawValue].admit(line, at: now)
        if !isAdmitted { deadline = min(deadline, accounts[line.origin.rawValue].deadline) }
        return isAdmitted
    }

    /// The lines whose minute is over, each with its count.
    mutating func due(at now: Instant) -> [LogLine] {
        guard now >= deadline else { return [] }
        var lines: [LogLine] = []
        for position in accounts.indices { lines += accounts[position].due(at: now) }
        deadline = accounts.reduce(.never) { min($0, $1.deadline) }
        return lines
    }

    /// All that is held back: nothing comes after.
    mutating func drain() -> [LogLine] {
        var lines: [LogLine] = []
        for position in accounts.indices { lines += accounts[position].drain() }
        deadline = .never
        return lines
    }
}
