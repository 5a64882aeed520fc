import Primitives

extension Simulation {
    /// What a run came to.
    public struct Report: Sendable {
        /// A rule that was broken, and what led there.
        public struct Violation: Sendable {
            /// Which rule, and how.
            public var text: String
            /// When, in simulated time.
            public var time: Instant
            /// The last events before it, oldest first.
            public var events: [String]
        }

        /// The seed.
        public var seed: UInt64
        /// How many nodes there were.
        public var nodes: Int
        /// The mix of faults, in one line.
        public var plan: String
        /// How long it was in simulated time.
        public var simulated: Timespan
        /// How many events nodes were given.
        public var steps: Int
        /// How many requests clients had, those among them that no process was there to hear.
        public var asked: Int
        /// How many requests were acknowledged, reads included.
        public var acknowledged: Int
        /// How many entries were committed.
        public var committed: Int
        /// The highest term that had a leader.
        public var terms: Int
        /// How long it took after the last fault until all was well, if it came to that.
        public var healedAfter: Timespan?
        /// How often each kind of fault struck, in a fixed order.
        public var faults: [(name: String, count: Int)]
        /// What guarded writes came to on all nodes, in a fixed order.
        public var guarded: [(name: String, count: Int)]
        /// A hash of all effects: the same for the same seed and options, everywhere.
        public var hash: UInt64
        /// What was broken, or nil.
        public var violation: Violation?
    }
}
