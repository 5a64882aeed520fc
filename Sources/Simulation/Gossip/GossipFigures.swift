import Primitives

extension GossipSimulation {
    /// What many seeds came to. A seed in which something did not hold is counted as that, and in
    /// no other figure.
    public struct Figures: Hashable, Sendable {
        /// Numbers in order, one for each seed.
        public struct Distribution: Hashable, Sendable {
            private let sorted: [Int]

            init(_ numbers: [Int]) { sorted = numbers.sorted() }

            /// The number that so many of a hundred do not exceed; 0 where there are none.
            public func percentile(_ percent: Int) -> Int {
                guard !sorted.isEmpty else { return 0 }
                return sorted[(sorted.count * percent + 99) / 100 - 1]
            }

            /// The middle one, the lower of two.
            public var median: Int { percentile(50) }

            /// The mean of `factor` times each, rounded to the nearest.
            public func mean(times factor: Int) -> Int {
                let sum = sorted.reduce(0, +) * factor
                return sorted.isEmpty ? 0 : (sum + sorted.count / 2) / sorted.count
            }
        }

        /// What was run.
        public var options: Options
        /// How many seeds.
        public var seeds: Int
        /// Those in which something did not hold, and what.
        public var violations: [Report]
        /// From a death to the first ping that would have shown it, in whole periods as the paper
        /// counts them.
        public var firstProbe: Distribution
        /// From a death to the first suspicion; this and the next three in hundredths of a period.
        public var firstSuspicion: Distribution
        /// From a death until somebody holds the member for dead.
        public var firstDeath: Distribution
        /// From a death until all others do.
        public var deadEverywhere: Distribution
        /// From some news until all others have it.
        public var spread: Distribution
        /// Messages of a member in a thousand seconds, on average.
        public var messagesInThousandSeconds: Int
        /// Bytes of a member in a second, on average.
        public var bytesInSecond: Int
        /// Periods in which a member was watched that was well, summed over members and seeds.
        public var watchedPeriods: Int
        /// How often a member that was well was suspected in them.
        public var wellSuspected: Int
        /// How often one was held for dead.
        public var wellDead: Int
        /// How often one was, counting every other member that believed it.
        public var wellDeadViews: Int
        /// How often a slow member was held for dead.
        public var slowDead: Int
        /// A hash of all that was sent in all seeds.
        public var hash: UInt64

        /// The figures of those runs, all with the same options.
        public init(_ reports: [Report], options: Options) {
            let good = reports.filter { $0.violation == nil }
            let period = options.profile.probeInterval.nanoseconds
            func periods(_ span: (Report) -> Timespan) -> Distribution {
                Distribution(good.map { Int(span($0).nanoseconds * 100 / period) })
            }
            self.options = options
            seeds = reports.count
            violations = reports.filter { $0.violation != nil }
            firstProbe = Distribution(good.map(\.firstProbePeriods))
            firstSuspicion = periods(\.firstSuspicion)
            firstDeath = periods(\.firstDeath)
            deadEverywhere = periods(\.deadEverywhere)
            spread = periods(\.spread)
            let seconds = good.reduce(0) { $0 + $1.watched.wholeMilliseconds } / 1_000
            let shares = max(1, seconds * options.members)
            messagesInThousandSeconds = good.reduce(0) { $0 + $1.messages } * 1_000 / shares
            bytesInSecond = good.reduce(0) { $0 + $1.bytes } / shares
            watchedPeriods = good.reduce(0) {
                $0 + Int($1.watched.nanoseconds / period)
                    * (options.members - options.slowMembers)
            }
            wellSuspected = good.reduce(0) { $0 + $1.wellSuspected }
            wellDead = good.reduce(0) { $0 + $1.wellDead }
            wellDeadViews = good.reduce(0) { $0 + $1.wellDeadViews }
            slowDead = good.reduce(0) { $0 + $1.slowDead }
            var hash = EffectHash()
            for report in reports { hash.mix(report.hash) }
            self.hash = hash.value
        }
    }
}
