import Posix

/// How far something has come, in one line that is written over itself; on a terminal alone.
final class ProgressLine {
    private let isShown = isTerminal(Console.faults.rawValue)
    private var lastPercentage = -1

    /// Shows how much is there.
    func show(_ received: Int, of whole: Int) {
        let percentage = whole > 0 ? received * 100 / whole : 100
        guard isShown, percentage != lastPercentage else { return }
        lastPercentage = percentage
        Console.faults.write("\r\(received / 1_024) of \(whole / 1_024) KiB, \(percentage)%")
    }

    /// Takes the line away.
    func clear() {
        if lastPercentage >= 0 { Console.faults.write("\r\u{1b}[K") }
    }
}
