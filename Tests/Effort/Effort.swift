#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much is done by the tests that try many seeds, schedules, mutations or rounds: so many times
/// what `swift test` does by itself. The environment variable TALLY_TEST_EFFORT says it; `.ci/run`
/// asks for 5.
public let effort = max(1, getenv("TALLY_TEST_EFFORT").flatMap { Int(String(cString: $0)) } ?? 1)
