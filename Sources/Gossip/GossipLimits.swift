import Primitives

/// The bounds of the gossip.
public enum GossipLimits {
    /// The most bytes of an address, `HOST:PORT`.
    public static let address = 255
    /// The most bytes of a version's text.
    public static let version = 32
    /// The most bytes of what a member says of itself.
    public static let metadata = 512
    /// The most bytes of a datagram: below what any network path carries in one piece.
    public static let datagram = 1_400
    /// The most bytes of a message on a stream, its length included.
    public static let stream = 1 << 20
    /// The most other members that are remembered, dead ones and those that left included. When
    /// there are so many, one that has long been gone makes room for a new one; where none is gone,
    /// the new one is dropped and counted.
    public static let members = 4_096
    /// How many are forgotten for new ones in one step at most, since each takes a look at all that
    /// are known; the other new ones are dropped and counted.
    public static let forgottenInStep = 32
    /// The most probes for others under way; one more is dropped and counted.
    public static let relays = 256
    /// The most streams opened by this node and under way; one more is not opened.
    public static let calls = 16
    /// The most seeds; those beyond are never called.
    public static let seeds = 256
    /// By how much one rumour may raise a known member's incarnation.
    public static let incarnationLeap: UInt64 = 1_024
    /// Incarnations are refused from here on, so that no sum of two overflows.
    public static let incarnation: UInt64 = 1 << 62
    /// How many probes in a row only a stream must have answered before that is reported: where nothing got
    /// through for a while, the first answer after it may well come on the stream.
    public static let streamOnlyProbes = 3
    /// For how long nothing more is said about a member to which only streams get through.
    public static let blockedNoticeInterval = Timespan.milliseconds(600_000)
    /// For how long nothing more is said about another process of the own name.
    public static let twinNoticeInterval = Timespan.milliseconds(60_000)
}
