import Posix
import Primitives

/// Waiting for what another process does.
public enum Waiting {
    /// Asks again every other millisecond until `probe` gives something.
    ///
    /// - Parameters:
    ///   - what: What is waited for, named in the error.
    ///   - limit: How long.
    /// - Throws: `timedOut`, and what the probe throws.
    public static func until<Found>(
        _ what: String, within limit: Timespan = .milliseconds(10_000),
        _ probe: () throws -> Found?
    ) throws -> Found {
        let deadline = MonotonicClock.now() + limit
        while true {
            if let found = try probe() { return found }
            guard MonotonicClock.now() < deadline else { throw HarnessError.timedOut(what) }
            rest(.milliseconds(2))
        }
    }

    /// The same for a condition.
    public static func until(
        _ what: String, within limit: Timespan = .milliseconds(10_000),
        holds condition: () throws -> Bool
    ) throws {
        try until(what, within: limit) { try condition() ? () : nil }
    }

    /// Gives the processor away for that long.
    public static func rest(_ span: Timespan) {
        // A poller that watches nothing sleeps until its deadline; poll(2) needs no descriptor.
        guard let poller = try? Poller(kind: .poll) else { return }
        var events: [PollEvent] = []
        try? poller.wait(until: MonotonicClock.now() + span, into: &events)
    }
}
