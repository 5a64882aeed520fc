import Configuration
import Posix
import Primitives

/// Lines for people, and for programs that read them, on standard error.
///
/// A line never blocks the loop: where the pipe or terminal has no room it is dropped, and the next
/// one says how many are missing. Lines that repeat are held back and counted; see `LineLimiter`.
struct NodeLog {
    private let node: NodeID
    private let form: LogForm
    private var limiter = LineLimiter()
    private var dropped = 0

    /// A log of that node, in that format.
    init(node: NodeID, format: LogFormat) {
        self.node = node
        form = LogForm(format, isJournal: JournalStream.isStandardError)
    }

    /// Writes the line, or counts it if it repeats too soon.
    mutating func write(_ line: LogLine, at now: Instant) {
        if limiter.admit(line, at: now) { put(line) }
    }

    /// When counted lines are due; `never` while there are none.
    var deadline: Instant { limiter.deadline }

    /// Writes the counted lines whose minute is over.
    mutating func writeDue(at now: Instant) {
        guard now >= limiter.deadline else { return }
        for line in limiter.due(at: now) { put(line) }
    }

    /// Writes all counted lines: nothing comes after.
    mutating func finish() {
        for line in limiter.drain() { put(line) }
    }

    /// Writes why the node ends. This line waits for room, though not for ever: whoever reads the log
    /// at all reads it.
    func writeFatal(_ exit: NodeExit) {
        guard let line = LogLine.fatal(exit) else { return }
        StandardError.write(text(line), within: ServerLimits.lastLine)
    }

    private mutating func put(_ line: LogLine) {
        var line = line
        if dropped > 0 {
            line.message += dropped == 1 ? " (1 line dropped)" : " (\(dropped) lines dropped)"
            line.fields.append(.number("dropped", dropped))
        }
        if StandardError.writeIfRoom(text(line)) { dropped = 0 } else { dropped += 1 }
    }

    private func text(_ line: LogLine) -> [UInt8] {
        form.render(
            line, node: node, millisecondsSince1970: WallClock.millisecondsSince1970(),
            limit: StandardError.longestLine)
    }
}
