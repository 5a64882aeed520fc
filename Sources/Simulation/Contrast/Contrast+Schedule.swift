import Primitives

extension Contrast {
    /// What a client wants.
    enum Request: Equatable {
        case read
        case add(Int64)
    }

    /// Who asks what, where and when, drawn once and the same for both designs: each writer four
    /// times a second, and at every node a reader twice a second.
    struct Schedule {
        struct Entry {
            var time: Instant
            /// The node that the client stands beside, and asks first.
            var home: Int
            var request: Request
        }

        /// When clients begin: by then a leader is elected.
        static let begin = Instant.origin + .milliseconds(3_000)
        static let clientsEnd = begin + Script.clientTime
        static let end = clientsEnd + Script.quietTime
        /// How long a client waits for its answer before it gives up.
        static let timeout = Timespan.milliseconds(1_000)
        /// How long it pauses before it asks another node.
        static let pause = Timespan.milliseconds(50)

        let script: Script
        private(set) var entries: [Entry] = []

        init(_ script: Script, seed: UInt64) {
            self.script = script
            var random = RandomSource(seed: seed ^ 0x5C4E_D01E_0C11_E275)
            for writer in script.writers {
                add(.add(writer.amount), at: writer.home, every: .milliseconds(250), &random)
            }
            for node in 0..<Script.nodes {
                add(.read, at: node, every: .milliseconds(500), &random)
            }
        }

        private mutating func add(
            _ request: Request, at home: Int, every interval: Timespan, _ random: inout RandomSource
        ) {
            var start = Schedule.begin
            while start < Schedule.clientsEnd {
                let time = start + random.timespan(in: .zero...(interval / 2))
                entries.append(Entry(time: time, home: home, request: request))
                start = start + interval
            }
        }

        /// When the fault lasts; where there is none, all the time that clients ask.
        var fault: Range<Instant> {
            guard let time = script.faultTime else { return Schedule.begin..<Schedule.clientsEnd }
            return (Schedule.begin + time.lowerBound)..<(Schedule.begin + time.upperBound)
        }
    }
}
