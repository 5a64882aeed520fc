import Posix
import Primitives

/// Where a table is shown: how wide it may be, and whether one look may take the place of another.
struct Screen {
    /// The time between two looks.
    private static let interval = Timespan.milliseconds(1000)

    /// How many characters a line may have; nil for no bound.
    let width: Int?
    /// Whether the terminal obeys control sequences (ECMA-48).
    private let isObedient: Bool

    /// A screen of that width.
    init(width: Int? = nil, isObedient: Bool = false) {
        self.width = width
        self.isObedient = isObedient
    }

    /// What standard output leads to. COLUMNS wins over what a terminal says of itself, and a terminal
    /// that calls itself dumb gets no control sequences.
    static var current: Screen {
        let descriptor = Console.results.rawValue
        let columns = CurrentProcess.variable("COLUMNS").flatMap { Int($0) }.flatMap {
            $0 > 0 ? $0 : nil
        }
        return Screen(
            width: columns ?? terminalColumns(descriptor),
            isObedient: isTerminal(descriptor) && CurrentProcess.variable("TERM") != "dumb")
    }

    /// Shows what `look` gives, again and again until SIGINT ends the program: where the terminal can do
    /// that, each look replaces the one before.
    func watch(isJSON: Bool, _ look: (Screen) -> String) throws(Errno) -> Never {
        let poller = try Poller()
        var events: [PollEvent] = []
        var next = MonotonicClock.now()
        while true {
            // The window may have another size by now.
            let shown = look(Screen.current)
            Console.results.write(isObedient && !isJSON ? Screen.inPlace(shown) : shown)
            next = max(next + Screen.interval, MonotonicClock.now())
            while MonotonicClock.now() < next { try poller.wait(until: next, into: &events) }
        }
    }

    /// The text over the one before, from the top of the screen: each line ends by clearing what
    /// stood behind it, the last by clearing what stood below (ECMA-48: CUP, EL, ED).
    private static func inPlace(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { $0 + "\u{1b}[K\n" }
        return "\u{1b}[H" + lines.joined() + "\u{1b}[J"
    }
}
