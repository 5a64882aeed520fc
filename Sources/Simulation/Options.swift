import Primitives
import Raft

extension Simulation {
    /// What a run is made of, beside its seed.
    public struct Options: Sendable {
        /// How many nodes; nil lets the seed choose 1 to 7.
        public var nodes: Int?
        /// How long faults last, in simulated seconds; healing comes on top.
        public var seconds: Int
        /// Heartbeat and election timeouts.
        public var timing: Timing
        /// Whether the seed draws faults; without, it is a quiet day.
        public var faults: Bool

        /// A run of that many nodes and seconds with the standard timing.
        public init(
            nodes: Int? = nil, seconds: Int = 60, timing: Timing = .standard, faults: Bool = true
        ) {
            precondition(nodes == nil || (1...7).contains(nodes ?? 0), "\(nodes ?? 0) nodes")
            precondition(seconds > 0, "\(seconds) seconds")
            self.nodes = nodes
            self.seconds = seconds
            self.timing = timing
            self.faults = faults
        }
    }
}
