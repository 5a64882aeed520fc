import Primitives

/// The bounds of a replica.
public enum ReplicaLimits {
    /// The most writes that wait for their fate.
    public static let waitingWrites = 16_384
    /// The most reads that wait for their confirmation.
    public static let waitingReads = 16_384
    /// The most clients that wait for a change of leadership.
    public static let waitingTransfers = 64
    /// The most connections to other nodes, those with strangers included.
    public static let links = 64
    /// The most connections whose caller has not said yet who it is.
    public static let strangers = 16
    /// For how long such a caller keeps its place from the next one.
    public static let firstWords = Timespan.milliseconds(10)
    /// How long a handshake may take.
    public static let handshake = Timespan.milliseconds(1_000)
    /// How long a node that must end together with others tells them why: until the last of them has
    /// called it back.
    public static let endDelay = Timespan.milliseconds(2_500)
    /// How many hashes of each voter's state are kept: the newest.
    static let stateHashes = 16
    /// How far behind the end of this node's log the state may be of which another voter says a hash.
    static let hashesAhead: UInt64 = 1 << 20
    /// How long a leader whose disk is full waits after every voter has been tried, or there was none.
    public static let handover = Timespan.milliseconds(1_000)
    /// After how long a silent connection is asked whether it lives.
    public static let keepalive = Timespan.milliseconds(1_000)
    /// After how long a connection that stays silent is ended.
    public static let silence = Timespan.milliseconds(4_000)
}
