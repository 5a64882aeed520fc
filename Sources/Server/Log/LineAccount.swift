import Primitives

/// The lines of one origin: which of them repeat, and how many are left to write in this minute.
///
/// A line comes at once. When its event and subject have used up their allowance, further ones are
/// counted, and the newest of them is written with the count when the minute is over; then a new
/// minute begins, in which all are counted. One without a repetition ends that.
struct LineAccount {
    /// How long an allowance lasts.
    static let interval = Timespan.milliseconds(60_000)
    /// The most subjects that are told apart; further ones share a place for each event.
    static let subjects = 64
    /// The longest subject, in bytes; what differs only beyond it is the same.
    static let subjectLength = 96

    private struct Repeated {
        let event: LogEvent
        let subject: String
        var end: Instant
        var left: Int
        var held: LogLine?
        var count = 0
    }

    private let origin: LogLine.Origin
    private var table: [Repeated] = []
    private var budgetEnd = Instant.origin
    private var budget = 0
    private var leftOut = 0

    init(of origin: LogLine.Origin) {
        self.origin = origin
    }

    /// How many lines an origin may write in a minute; far more than a node's own ever are.
    static func budget(of origin: LogLine.Origin) -> Int {
        switch origin {
        case .node: 1_200
        case .gossip: 60
        case .stranger: 30
        }
    }

    /// When something that is held back is due; `never` while nothing is.
    var deadline: Instant {
        var deadline = leftOut > 0 ? budgetEnd : .never
        for line in table where line.count > 0 { deadline = min(deadline, line.end) }
        return deadline
    }

    /// Whether the line is to be written now; if not, it is held and counted.
    mutating func admit(_ line: LogLine, at now: Instant) -> Bool {
        let position = place(for: line, at: now)
        guard table[position].left > 0 else {
            table[position].held = line
            table[position].count += 1
            return false
        }
        table[position].left -= 1
        return spend(1, at: now)
    }

    /// The held lines whose minute is over.
    mutating func due(at now: Instant) -> [LogLine] {
        var lines = now >= budgetEnd ? takeLeftOut() : []
        for position in table.indices where now >= table[position].end {
            let count = table[position].count
            guard let line = release(position), spend(count, at: now) else { continue }
            lines.append(line)
        }
        return lines
    }

    /// All held lines.
    mutating func drain() -> [LogLine] {
        takeLeftOut() + table.indices.compactMap { release($0) }
    }

    /// Where the line's repetitions are counted; a new place where its last minute is over.
    private mutating func place(for line: LogLine, at now: Instant) -> Int {
        let subject = String(decoding: line.subject.utf8.prefix(Self.subjectLength), as: UTF8.self)
        if let found = find(line.event, subject) {
            if table[found].count > 0 || now < table[found].end { return found }
        }
        table.removeAll { $0.count == 0 && now >= $0.end }
        let isFull = table.count >= Self.subjects
        let kept = isFull ? "others" : subject
        if isFull, let found = find(line.event, kept) { return found }
        table.append(
            Repeated(
                event: line.event, subject: kept, end: now + Self.interval, left: line.allowance))
        return table.count - 1
    }

    private func find(_ event: LogEvent, _ subject: String) -> Int? {
        table.firstIndex { $0.event == event && $0.subject == subject }
    }

    /// Takes what is held there, with its count, and lets the next minute begin.
    private mutating func release(_ position: Int) -> LogLine? {
        guard var line = table[position].held else { return nil }
        let count = table[position].count
        line.message += count == 1 ? " (once more)" : " (\(count) more times)"
        line.fields.append(.number("repeated", count))
        table[position].held = nil
        table[position].count = 0
        table[position].end = table[position].end + Self.interval
        return line
    }

    /// Whether one more line, which stands for that many, may be written in this minute.
    private mutating func spend(_ count: Int, at now: Instant) -> Bool {
        if now >= budgetEnd, leftOut == 0 {
            budgetEnd = now + Self.interval
            budget = Self.budget(of: origin)
        }
        guard budget > 0 else {
            leftOut += count
            return false
        }
        budget -= 1
        return true
    }

    private mutating func takeLeftOut() -> [LogLine] {
        guard leftOut > 0 else { return [] }
        let line = LogLine.linesLeftOut(leftOut, origin)
        leftOut = 0
        return [line]
    }
}
