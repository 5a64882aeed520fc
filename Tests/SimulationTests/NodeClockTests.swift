import Primitives
import Testing

@testable import Simulation

struct NodeClockTests {
    private static func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test(arguments: [950_000, 999_999, 1_000_000, 1_050_000])
    func `the time of a reading is the first that shows it`(rate: Int) {
        var clock = NodeClock(rate: rate)
        clock.set(to: Self.at(7_000_000), at: Self.at(5_000_000))
        var last = clock.reading(at: Self.at(5_000_000))
        for time in stride(from: UInt64(5_000_000), to: 9_000_000, by: 997) {
            let reading = clock.reading(at: Self.at(time))
            #expect(reading >= last, "it went back")
            last = reading
            let first = clock.time(of: reading)
            #expect(first <= Self.at(time))
            #expect(clock.reading(at: first) >= reading)
        }
        #expect(clock.time(of: .never) == .never)
    }

    @Test func `a rate is what is counted in a second`() {
        let clock = NodeClock(rate: 1_050_000)
        #expect(clock.reading(at: Self.at(1_000_000_000)) == Self.at(1_050_000_000))
        // A day of the run is far from overflowing.
        #expect(clock.reading(at: Self.at(86_400_000_000_000)) == Self.at(90_720_000_000_000))
    }
}
