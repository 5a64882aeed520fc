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
    /// How long a handshake may take.
    public static let handshake = Timespan.milliseconds(2_000)
    /// After how long a silent connection is asked whether it lives.
    public static let keepalive = Timespan.milliseconds(1_000)
    /// After how long a connection that stays silent is ended.
    public static let silence = Timespan.milliseconds(4_000)
}
