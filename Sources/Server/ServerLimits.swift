import Primitives
import Wire

/// The bounds of a server.
public enum ServerLimits {
    /// The most client connections.
    public static let clients = 10_000
    /// Descriptors that clients never get: listeners, peers, the gossip's streams, log files, directory,
    /// signals.
    static let reservedDescriptors = 96
    /// Of these, how many serve to answer connections that are one more than fit.
    static let surplus = 16
    /// Memory in pieces from this size on, in bytes, such as a snapshot's, is not kept once it is free.
    static let returnedMemory: Int32 = 512 << 10
    /// How long an answer to `/readyz` may take: less than the 500 ms after which who asked gives up.
    static let readiness = Timespan.milliseconds(400)
    /// How long the names of this node's own addresses may take to be looked up when it starts.
    static let ownName = Timespan.milliseconds(10_000)
    /// The most requests of one connection that wait for their answers; the rest stays unread.
    static let pipelined = 64
    /// Bytes of answers that a slow client may leave unread before its requests are left unread, too.
    static let clientOutput = 256 * 1_024
    /// How many clients are given snapshots at a time: what a slow one leaves unread takes memory.
    static let snapshotReaders = 4
    /// The most callers taken in at the raft port in one turn.
    static let callersInTurn = 4
    /// Bytes taken from one connection in one turn.
    static let inbox = 64 * 1_024
    /// The most connections accepted in one turn, so that a flood leaves the others their turn.
    static let acceptsInTurn = 64
    /// How long a request may take to arrive, from its first byte.
    static let request = Timespan.milliseconds(10_000)
    /// How long a connection may rest between requests.
    static let idle = Timespan.milliseconds(75_000)
    /// How long a client may leave an answer unread.
    static let stalled = Timespan.milliseconds(10_000)
    /// How long a closed connection is read on, so that the answer is not lost (RFC 9112 §9.6).
    static let linger = Timespan.milliseconds(1_000)
    /// How often clients' times are looked at.
    static let sweep = Timespan.milliseconds(250)
    /// How many names of the config file, and those of peers that proved to be who they are, are looked
    /// up at a time: two for each other voter, so that those for which no answer comes hold up no other.
    static let lookUps = 16
    /// The most questions about such names that are open at a time: the peers' and the gossip's.
    static let openLookUps = 128
    /// How many names that only the gossip tells are looked up at a time.
    static let rumourLookUps = 4
    /// Room for a datagram: more than any of ours has, so that one that is too long is seen as such.
    static let datagramRoom = 2_048
    /// Datagrams taken in one turn, so that a flood leaves the others their turn: the rest stays in the
    /// socket, and is lost when that is full. The dearest of them take less than half a millisecond.
    static let datagramsInTurn = 16
    /// Streams of the gossip accepted in one turn.
    static let gossipAcceptsInTurn = 8
    /// How often a gossip port that can't be bound is tried again.
    static let gossipRetry = Timespan.milliseconds(2_000)
    /// How long after a change the address book is written, so that changes that come together are
    /// written together, and how much time lies between two writes at least.
    static let bookDelay = Timespan.milliseconds(500)
    static let bookInterval = Timespan.milliseconds(10_000)
    /// Segments of the log that go between two writes.
    static let segmentsDropped = 4
    /// For how long the loop waits for a write to be synced before it looks at anything else: what a good
    /// disk takes, and nothing beside any timeout.
    static let quickSync = Timespan.microseconds(200)
    /// From how many bytes of a batch on it does so: some commands, so that more are on their way. One
    /// command alone is not held up.
    static let busyBatch = 192
    /// How long the line that says why a node ends waits for room.
    static let lastLine = Timespan.milliseconds(1_000)
}
