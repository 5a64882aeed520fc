extension Gossip {
    /// What was dropped, and how often, since the start.
    public struct Counters: Hashable, Sendable {
        /// Messages that are none: damaged, cut short, of another version, or against the rules.
        public var malformed = 0
        /// Messages of another cluster, or of another founding of this one.
        public var foreign = 0
        /// Datagrams or stream messages that are longer than any may be.
        public var oversized = 0
        /// Messages for another member, which was here before.
        public var misdirected = 0
        /// Messages under this node's own name.
        public var ownName = 0
        /// Rumours that would have lifted an incarnation by more than one may.
        public var implausible = 0
        /// New members for which there was no room.
        public var overfull = 0
        /// Requests to probe for another that came while too many were under way.
        public var overloaded = 0
        /// Acknowledgements and answers that are not waited for: late, repeated or forged.
        public var unexpected = 0

        /// Nothing dropped.
        public init() {}
    }
}
