import Server

/// What `tally log` shows, as lines for people.
enum LogText {
    /// The line above the entries.
    static let heading = "   INDEX    TERM  ENTRY                     VALUE"

    /// The line of an entry or a record.
    static func line(_ item: LoggedItem) -> String {
        switch item {
        case .entry(let entry, nil): line(entry)
        case .entry(let entry, let place?): prefix(place) + line(entry)
        case .record(let record):
            prefix(record.place) + cell(record.kind, width: 18) + "  " + record.text
        }
    }

    private static func prefix(_ place: RecordPlace) -> String {
        let offset = number(UInt64(place.offset), width: 8)
        return "\(place.file)  \(offset)  synced before \(number(place.durable, width: 10))  "
    }

    private static func line(_ entry: LoggedEntry) -> String {
        var line = number(entry.index, width: 8) + number(entry.term, width: 8)
        line += "  " + cell(words(entry.content), width: 24)
        let value = entry.value.map { "\($0)" } ?? "?"
        let notes = notes(entry)
        guard !notes.isEmpty else { return line + "  " + value }
        return line + "  " + cell(value, width: 20) + "  " + notes.joined(separator: ", ")
    }

    private static func words(_ content: LoggedEntry.Content) -> String {
        switch content {
        case .noOperation: "no-op"
        case .featureLevel(let level): "feature level \(level)"
        case .set(let number): "set \(number)"
        case .add(let number): "add \(number)"
        case .unreadable: "can't be read"
        }
    }

    private static func notes(_ entry: LoggedEntry) -> [String] {
        var notes: [String] = []
        switch entry.outcome {
        case .changed, nil: break
        case .overflow: notes.append("overflow")
        case .conditionFailed: notes.append("condition failed")
        case .keyReused: notes.append("key used before with another command")
        case .keyExpired: notes.append("key expired")
        }
        if let first = entry.replayOf { notes.append("replay of \(first)") }
        if let key = entry.key { notes.append("key \(key)") }
        if let index = entry.firstIndex { notes.append("first index \(index)") }
        if let condition = entry.condition {
            let indices = condition.map { "\($0)" }.joined(separator: " or ")
            notes.append("if index \(condition.isEmpty ? "none" : indices)")
        }
        if !entry.isKnownCommitted { notes.append("not known committed") }
        return notes
    }

    /// The sentence about the whole of it.
    static func summary(_ log: borrowing OfflineLog, _ verdict: LogVerdict) -> String {
        var parts: [String] = []
        let entries = verdict.entries.map { "entries \($0.lowerBound) to \($0.upperBound)" }
        parts.append(entries ?? "no entries")
        let value = verdict.committedValue.map { "value \($0)" } ?? "value unknown"
        parts.append("known committed through \(verdict.commit), \(value)")
        parts.append(counted(verdict.segments, "segment"))
        if !verdict.snapshots.isEmpty {
            let indices = verdict.snapshots.map { "\($0)" }.joined(separator: " and ")
            parts.append("\(counted(verdict.snapshots.count, "snapshot")), through \(indices)")
        }
        if let pid = log.holder {
            parts.append("process \(pid) runs the node, so the newest entries may be missing")
        }
        parts.append(
            verdict.faults.isEmpty ? "whole" : "damaged: " + verdict.faults.joined(separator: "; "))
        parts += verdict.notes.map { "note: \($0)" }
        return "\(log.node) of cluster \(log.cluster): " + parts.joined(separator: "; ")
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func number(_ number: UInt64, width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }

    private static func cell(_ text: String, width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
