import Configuration
import Primitives

/// What `tally log` shows of which directory.
struct LogOptions: Equatable {
    /// The node's own directory, DIR/ID.
    var directory: String
    /// Whether all records are shown, not the entries alone.
    var explains = false
    /// Whether one line says whether all of it is whole, and nothing else is shown.
    var verifies = false
    var isJSON = false
    /// The first entry to be shown.
    var from: UInt64 = 0
}

extension LogOptions {
    /// What the command line says.
    init(_ arguments: Arguments) throws(UsageFault) {
        guard let directory = arguments.operand, !directory.isEmpty else {
            throw arguments.fault("the directory's name is empty; write tally log DIR/ID")
        }
        self.init(
            directory: directory, explains: arguments.has("explain"),
            verifies: arguments.has("verify"), isJSON: arguments.has("json"))
        if verifies, explains || arguments.has("from") {
            throw arguments.fault("--verify prints one line; leave out --explain and --from")
        }
        guard let text = arguments.value("from") else { return }
        guard text.utf8.allSatisfy(\.isDigit), let from = UInt64(text) else {
            throw arguments.fault("--from \(quoted(text)) is no index; write digits, such as 12")
        }
        self.from = from
    }
}
