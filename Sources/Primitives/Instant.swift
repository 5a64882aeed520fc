/// A point in time, counted in nanoseconds from an origin that the host chooses.
///
/// The cores never ask what time it is: they are told. In a server the origin is the machine's
/// monotonic clock; in the simulator it is the start of the simulated run.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the host's origin.
    public var nanoseconds: UInt64

    /// An instant so far away that it never comes; a deadline that is not armed.
    public static let never = Instant(nanoseconds: .max)

    /// The host's origin.
    public static let origin = Instant(nanoseconds: 0)

    /// The instant that many nanoseconds after the host's origin.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether the first instant lies before the second.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant that lies `span` later; `never` stays `never`.
    @inlinable
    public static func + (instant: Instant, span: Timespan) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow ? .never : Instant(nanoseconds: sum)
    }

    /// How long after `earlier` this instant lies; zero if it does not lie after it.
    @inlinable
    public func since(_ earlier: Instant) -> Timespan {
        let apart = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return Timespan(nanoseconds: apart.overflow ? 0 : apart.partialValue)
    }
}

/// A length of time in whole nanoseconds, never negative.
public struct Timespan: Comparable, Hashable, Sendable {
    /// The length in nanoseconds.
    public var nanoseconds: UInt64

    /// No time at all.
    public static let zero = Timespan(nanoseconds: 0)

    /// A length of that many nanoseconds.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// A length of that many milliseconds, 0 to 10¹³.
    @inlinable
    public static func milliseconds(_ count: Int) -> Timespan {
        Timespan(nanoseconds: UInt64(count) * 1_000_000)
    }

    /// A length of that many microseconds, 0 to 10¹⁶.
    @inlinable
    public static func microseconds(_ count: Int) -> Timespan {
        Timespan(nanoseconds: UInt64(count) * 1_000)
    }

    /// The length in whole milliseconds, rounded down.
    @inlinable
    public var wholeMilliseconds: Int {
        Int(nanoseconds / 1_000_000)
    }

    /// Whether the first length is shorter than the second.
    @inlinable
    public static func < (left: Timespan, right: Timespan) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Both lengths, one after the other.
    @inlinable
    public static func + (left: Timespan, right: Timespan) -> Timespan {
        Timespan(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    /// The length, `factor` times.
    @inlinable
    public static func * (span: Timespan, factor: Int) -> Timespan {
        Timespan(nanoseconds: span.nanoseconds * UInt64(factor))
    }

    /// One of `divisor` equal parts of the length, rounded down.
    @inlinable
    public static func / (span: Timespan, divisor: Int) -> Timespan {
        Timespan(nanoseconds: span.nanoseconds / UInt64(divisor))
    }
}
