import Configuration
import Primitives

/// The formats that a log can have.
public enum LogFormat: String, CaseIterable, Sendable {
    /// A line for people.
    case text
    /// A JSON object on a line.
    case json
}

/// How a line is written.
enum LogForm {
    /// `2026-11-21T03:00:00.123Z info n1 [elected] elected in term 9 by n1, n3`
    case text
    /// The same for systemd's journal, which knows the time and reads the priority:
    /// `<6>info n1 [elected] elected in term 9 by n1, n3` (sd-daemon(3)).
    case journal
    /// `{"time":…,"level":…,"node":…,"event":…,"message":…,"fields":{…}}`
    case json

    init(_ format: LogFormat, isJournal: Bool) {
        switch format {
        case .json: self = .json
        case .text: self = isJournal ? .journal : .text
        }
    }

    /// The line with its line feed, at most `limit` bytes; the message of one that is longer is cut.
    func render(
        _ line: LogLine, node: NodeID, millisecondsSince1970 milliseconds: Int64, limit: Int
    ) -> [UInt8] {
        var line = line
        let time = Timestamp.text(millisecondsSince1970: milliseconds)
        while true {
            let bytes = Array((spelled(line, node: node, time: time) + "\n").utf8)
            guard bytes.count > limit else { return bytes }
            // One byte of a message becomes six at most.
            let kept = line.message.utf8.count - (bytes.count - limit + 5) / 6 - 8
            guard kept > 0 else {
                line.fields = []
                line.message = ""
                continue
            }
            line.message = String(decoding: line.message.utf8.prefix(kept), as: UTF8.self) + "…"
        }
    }

    private func spelled(_ line: LogLine, node: NodeID, time: String) -> String {
        let plain = "\(line.level) \(node) [\(line.event.rawValue)] \(line.message.printable)"
        switch self {
        case .text: return "\(time) \(plain)"
        case .journal: return "<\(line.level.priority)>\(plain)"
        case .json:
            let fields = line.fields.map { JSONMember(key: $0.name, value: $0.value.json) }
            return JSONValue.object([
                JSONMember(key: "time", value: .string(time)),
                JSONMember(key: "level", value: .string(line.level.rawValue)),
                JSONMember(key: "node", value: .string(node.description)),
                JSONMember(key: "event", value: .string(line.event.rawValue)),
                JSONMember(key: "message", value: .string(line.message)),
                JSONMember(key: "fields", value: .object(fields)),
            ]).line
        }
    }
}

extension LogField.Value {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .number(String(number))
        case .list(let texts): .array(texts.map { .string($0) })
        }
    }
}

extension String {
    /// The text without what moves a cursor or begins a line: others choose parts of it.
    fileprivate var printable: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069:
                text.unicodeScalars.append("\u{FFFD}")
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
