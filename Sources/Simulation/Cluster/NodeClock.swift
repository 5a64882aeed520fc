import Primitives

/// A machine's monotonic clock: it never goes back, but it runs at a rate of its own, and while its
/// process is stopped it may stand still (a machine put to sleep) or leap ahead.
struct NodeClock {
    /// How many microseconds it counts in a second of the run.
    let rate: UInt64
    private var start = Instant.origin
    private var atStart = Instant.origin

    init(rate: Int) { self.rate = UInt64(rate) }

    /// What it shows at a time of the run.
    func reading(at time: Instant) -> Instant {
        let passed = time.since(start).nanoseconds
        let counted = passed / 1_000_000 * rate + passed % 1_000_000 * rate / 1_000_000
        return atStart + Timespan(nanoseconds: counted)
    }

    /// The first time of the run at which it shows `reading` or more.
    func time(of reading: Instant) -> Instant {
        if reading == .never { return .never }
        let left = reading.since(atStart).nanoseconds
        let passed = left / rate * 1_000_000 + (left % rate * 1_000_000 + rate - 1) / rate
        return start + Timespan(nanoseconds: passed)
    }

    /// At that time of the run it shows `reading`, not less than before.
    mutating func set(to reading: Instant, at time: Instant) {
        precondition(reading >= atStart, "a monotonic clock went back")
        (start, atStart) = (time, reading)
    }
}
