import Primitives

/// One line of the log, before it has a time and a form.
///
/// Each line has a constructor of its own, `LogLine.linked(node)`, in the files beside this one, so
/// that its words, level and fields stand in one place.
struct LogLine: Hashable {
    /// Whose doing a line is. Each has lines of its own to spend, so that nobody crowds out another.
    enum Origin: Int, CaseIterable {
        /// This node and the voters that it knows.
        case node
        /// The gossip, which believes what is said.
        case gossip
        /// Whoever comes to a port without having shown that it is a voter.
        case stranger
    }

    var level: LogLevel
    var event: LogEvent
    /// A sentence for people, without a full stop.
    var message: String
    /// What the sentence says, for programs.
    var fields: [LogField] = []
    var origin = Origin.node
    /// What makes this line another one than the last of its event: the peer and the cause, not the
    /// numbers. Lines of one event and subject are held back when they come too often.
    var subject = ""
    /// How many lines of one event and subject are written in a minute before further ones are
    /// counted: one for a complaint; some for a change, each of which matters.
    var allowance = LogLine.complaint

    /// The allowance of what stays the same until somebody does something about it.
    static let complaint = 1
    /// The allowance of what changes to and fro.
    static let change = 10
}

/// Something that a line says, for programs.
struct LogField: Hashable {
    enum Value: Hashable {
        case text(String)
        case number(Int64)
        case list([String])
    }

    var name: String
    var value: Value

    /// The longest text, in bytes of UTF-8; more is cut off.
    static let longest = 256

    static func text(_ name: String, _ text: String) -> LogField {
        let isLong = text.utf8.count > longest
        let kept = isLong ? String(decoding: text.utf8.prefix(longest), as: UTF8.self) : text
        return LogField(name: name, value: .text(kept))
    }

    static func node(_ name: String, _ node: NodeID) -> LogField {
        LogField(name: name, value: .text(node.description))
    }

    static func nodes(_ name: String, _ nodes: [NodeID]) -> LogField {
        LogField(name: name, value: .list(nodes.map(\.description)))
    }

    static func number(_ name: String, _ number: some BinaryInteger) -> LogField {
        LogField(name: name, value: .number(Int64(clamping: number)))
    }

    /// `name` ends in `Milliseconds`, as everywhere.
    static func span(_ name: String, _ span: Timespan) -> LogField {
        .number(name, span.wholeMilliseconds)
    }
}
