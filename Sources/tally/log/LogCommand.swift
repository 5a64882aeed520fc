import Server

/// `tally log`: what a node's directory holds.
enum LogCommand {
    /// How much text is written at a time, in bytes.
    private static let pieceBytes = 64 * 1_024

    /// Shows the log, or why it can't be shown.
    static func run(_ options: LogOptions) -> ExitCode {
        do throws(OfflineFault) {
            let log = try OfflineLog(reading: options.directory, listsRecords: options.explains)
            let verdict = show(log, options)
            return verdict.faults.isEmpty ? .fine : .damagedData
        } catch {
            // A verdict is a result, the worst one, too.
            let isVerdict = options.verifies && error.exitCode == ExitCode.damagedData.rawValue
            (isVerdict ? Console.results : .faults).line("tally log: \(error)")
            return ExitCode(error)
        }
    }

    private static func show(_ log: borrowing OfflineLog, _ options: LogOptions) -> LogVerdict {
        if options.verifies { return verify(log, isJSON: options.isJSON) }
        var text = options.isJSON ? LogJSON.head(log, explains: options.explains) : ""
        if !options.isJSON, !options.explains { text = LogText.heading + "\n" }
        var isFirst = true
        let verdict = log.walk(from: options.from) { item in
            if options.isJSON {
                text += (isFirst ? "" : ",") + LogJSON.line(item)
            } else {
                text += LogText.line(item) + "\n"
            }
            isFirst = false
            guard text.utf8.count >= pieceBytes else { return }
            Console.results.write(text)
            text = ""
        }
        text += options.isJSON ? LogJSON.tail(verdict) : LogText.summary(log, verdict)
        Console.results.line(text)
        for fault in verdict.faults { Console.faults.line("tally log: \(fault)") }
        return verdict
    }

    private static func verify(_ log: borrowing OfflineLog, isJSON: Bool) -> LogVerdict {
        let verdict = log.walk()
        Console.results.line(
            isJSON
                ? LogJSON.head(log, explains: false) + LogJSON.tail(verdict)
                : LogText.summary(log, verdict))
        return verdict
    }
}
