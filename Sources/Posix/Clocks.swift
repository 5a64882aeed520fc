import Primitives

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The clock that only goes forward, and whose origin means nothing outside of this machine.
public enum MonotonicClock {
    /// This moment. It does not jump when the wall clock is set.
    public static func now() -> Instant {
        Instant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC))
    }
}

/// The clock on the wall, for people: it may jump, so nothing is decided by it.
public enum WallClock {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public static func secondsSince1970() -> Int64 {
        Int64(nanoseconds(of: CLOCK_REALTIME) / 1_000_000_000)
    }

    /// Whole milliseconds since 1970-01-01T00:00:00Z.
    public static func millisecondsSince1970() -> Int64 {
        Int64(nanoseconds(of: CLOCK_REALTIME) / 1_000_000)
    }
}

/// The system's entropy, for what must not be guessed or happen twice: disks' numbers, nonces, seeds.
public enum Entropy {
    /// 64 bits that can't be foreseen.
    public static func uint64() -> UInt64 {
        var system = SystemRandomNumberGenerator()
        return system.next()
    }
}

private func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    // The call writes one timespec, and that is what it gets. These clocks exist everywhere.
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "the clock does not answer: \(Errno.current)")
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
