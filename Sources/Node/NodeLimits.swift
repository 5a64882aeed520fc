import Primitives
import Wire

/// The bounds of a node.
public enum NodeLimits {
    /// Room for what came over a connection before its handshake is done: one greeting.
    public static let greetingRoom = Limits.header + Limits.smallBody
    /// The most bytes that a host hands over at a time.
    public static let read = 64 * 1_024
    /// Bytes of a peer that are kept until they are looked at: more than the longest frame has.
    public static let linkInput = Limits.header + Limits.body + read
    /// Frames of peers looked at in one turn.
    static let framesInTurn = 4_096
    /// Bytes that a slow peer may leave unread before Raft's messages to it are dropped.
    static let linkOutput = 4 * 1_024 * 1_024
    /// Bytes that it may leave unread before the connection is ended.
    public static let stuckOutput = linkOutput + read + Limits.body
    /// Room that a buffer keeps once it is empty.
    static let keptRoom = 256 * 1_024
    /// After how many small reads a connection gives up the room of a large one.
    static let quietReads = 64
    /// How long a connection to a peer may take to stand.
    static let connect = Timespan.milliseconds(2_000)
    /// How long the answer to a look-up of a peer's name is waited for before the peer's next address is
    /// tried.
    static let lookUp = Timespan.milliseconds(2_000)
    /// How soon a peer is called again, at first and at last.
    static let backoff = Timespan.milliseconds(10)...Timespan.milliseconds(100)
    /// How often a node looks whether those who should call it have done so, and calls them if not:
    /// long after the last of their own attempts, so that the two sides don't call each other at once.
    static let callBack = Timespan.milliseconds(1_000)
    /// How soon a rumour may make a node call another one at once again.
    static let hurry = Timespan.milliseconds(250)
    /// The most streams that others have open to the gossip; one more and the oldest is closed.
    static let gossipCallers = 16
    /// How long a stream of the gossip may take, from its opening to its end.
    static let gossipStream = Timespan.milliseconds(5_000)
    /// The most names in addresses that the gossip tells; further ones lead nowhere.
    static let gossipNames = 64
    /// For how long what such a name stands for is believed before it is looked up again.
    static let nameLife = Timespan.milliseconds(2_000)
    /// The most messages of the gossip that wait for a name.
    static let waitingForNames = 64
    /// How often at most a line says what the gossip has dropped.
    static let dropsInterval = Timespan.milliseconds(60_000)
    /// Bytes of the address book.
    public static let addressBook = 64 * 1_024
    /// The highest incarnation that a book may hold; one above it is damage.
    static let keptIncarnation: UInt64 = 1 << 61
    /// How long after a snapshot could not be saved the next one is tried.
    static let snapshotRetry = Timespan.milliseconds(1_000)
    /// How often a full disk is looked at for room.
    static let diskRetry = Timespan.milliseconds(500)
    /// For how long the disk must have been idle before the log gets a mark.
    static let markDelay = Timespan.milliseconds(2)
    /// How long a stop waits for clients and gossip.
    public static let stopping = Timespan.milliseconds(4_000)
    /// How long it waits, after that, for the disk.
    public static let closing = Timespan.milliseconds(500)
}
