import Primitives

extension GossipSimulation {
    /// What one seed came to.
    public struct Report: Hashable, Sendable {
        /// The seed.
        public var seed: UInt64
        /// From the death to the first ping that would have shown it, counted as the paper does: 1
        /// where somebody pings within the first period (SWIM §5).
        public var firstProbePeriods = 0
        /// From the death to the first suspicion.
        public var firstSuspicion = Timespan.zero
        /// From the death until somebody holds the member for dead.
        public var firstDeath = Timespan.zero
        /// From the death until all the others do, slow ones left out.
        public var deadEverywhere = Timespan.zero
        /// From the time that a member changed what it says of itself until all others knew, slow
        /// ones left out.
        public var spread = Timespan.zero
        /// How long the members were watched while nobody died.
        public var watched = Timespan.zero
        /// Datagrams and stream messages sent in that time.
        public var messages = 0
        /// The bytes of them.
        public var bytes = 0
        /// How often in that time a member that was well was suspected, one that many suspected
        /// counting once.
        public var wellSuspected = 0
        /// How often one was held for dead, counted likewise.
        public var wellDead = 0
        /// How often one was, counting every other member that believed it.
        public var wellDeadViews = 0
        /// How often a slow member was held for dead.
        public var slowDead = 0
        /// A hash of all that was sent: the same for the same seed and options, everywhere.
        public var hash: UInt64 = 0
        /// What was promised and did not hold, or nil.
        public var violation: String?

        init(seed: UInt64) { self.seed = seed }
    }
}
