import Configuration
import Server

/// What `tally log --json` prints: one object, in pieces, since a log may be long.
enum LogJSON {
    /// All up to the list of entries.
    static func head(_ log: borrowing OfflineLog, explains: Bool) -> String {
        let members = [
            member("node", log.node), member("cluster", log.cluster), member("disk", log.disk),
            JSONMember(key: "runningProcess", value: log.holder.map { number($0) } ?? .null),
        ]
        let text = JSONValue.object(members).line
        return text.dropLast() + (explains ? ",\"records\":[" : ",\"entries\":[")
    }

    /// An entry or a record.
    static func line(_ item: LoggedItem) -> String {
        switch item {
        case .entry(let entry, let place):
            JSONValue.object((place.map { members($0) } ?? []) + members(entry)).line
        case .record(let record):
            JSONValue.object(
                members(record.place) + [
                    JSONMember(key: "index", value: number(record.index)),
                    JSONMember(key: "term", value: number(record.term)),
                    member("kind", record.kind), member("text", record.text),
                ]
            ).line
        }
    }

    /// All behind the list.
    static func tail(_ verdict: LogVerdict) -> String {
        let members = [
            JSONMember(key: "first", value: optional(verdict.entries?.lowerBound)),
            JSONMember(key: "last", value: optional(verdict.entries?.upperBound)),
            JSONMember(key: "commit", value: number(verdict.commit)),
            JSONMember(key: "committedValue", value: optional(verdict.committedValue)),
            JSONMember(key: "segments", value: number(verdict.segments)),
            JSONMember(key: "snapshots", value: .array(verdict.snapshots.map { number($0) })),
            JSONMember(key: "notes", value: .array(verdict.notes.map { .string($0) })),
            JSONMember(key: "faults", value: .array(verdict.faults.map { .string($0) })),
        ]
        return "]," + JSONValue.object(members).line.dropFirst()
    }

    private static func members(_ place: RecordPlace) -> [JSONMember] {
        [
            member("file", place.file), JSONMember(key: "offset", value: number(place.offset)),
            JSONMember(key: "durable", value: number(place.durable)),
        ]
    }

    private static func members(_ entry: LoggedEntry) -> [JSONMember] {
        var members = [
            JSONMember(key: "index", value: number(entry.index)),
            JSONMember(key: "term", value: number(entry.term)),
        ]
        switch entry.content {
        case .noOperation: members.append(member("kind", "no-op"))
        case .featureLevel(let level):
            members += [
                member("kind", "feature-level"), JSONMember(key: "level", value: number(level)),
            ]
        case .set(let operand):
            members += [
                member("kind", "set"), JSONMember(key: "operand", value: number(operand)),
            ]
        case .add(let operand):
            members += [
                member("kind", "add"), JSONMember(key: "operand", value: number(operand)),
            ]
        case .unreadable: members.append(member("kind", "unreadable"))
        }
        if let key = entry.key { members.append(member("key", key)) }
        if let index = entry.firstIndex {
            members.append(JSONMember(key: "firstIndex", value: number(index)))
        }
        if let condition = entry.condition {
            members.append(
                JSONMember(key: "condition", value: .array(condition.map { number($0) })))
        }
        if let outcome = entry.outcome { members.append(member("outcome", word(outcome))) }
        if let first = entry.replayOf {
            members.append(JSONMember(key: "replayOf", value: number(first)))
        }
        members.append(JSONMember(key: "value", value: optional(entry.value)))
        members.append(JSONMember(key: "committed", value: .bool(entry.isKnownCommitted)))
        return members
    }

    private static func word(_ outcome: LoggedEntry.Outcome) -> String {
        switch outcome {
        case .changed: "changed"
        case .overflow: "overflow"
        case .conditionFailed: "precondition-failed"
        case .keyReused: "key-reused"
        case .keyExpired: "key-expired"
        }
    }

    private static func member(_ key: String, _ text: String) -> JSONMember {
        JSONMember(key: key, value: .string(text))
    }

    private static func number(_ number: some FixedWidthInteger) -> JSONValue {
        .number("\(number)")
    }

    private static func optional(_ number: (some FixedWidthInteger)?) -> JSONValue {
        number.map { .number("\($0)") } ?? .null
    }
}
