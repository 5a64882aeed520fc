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
    /// How long an answer to `/readyz` may take: less than the 500 ms after which who asked gives up.
    static let readiness = Timespan.milliseconds(400)
    /// How long the names of this node's own addresses may take to be looked up when it starts.
    static let ownName = Timespan.milliseconds(10_000)
    /// The most requests of one connection that wait for their answers; the rest stays unread.
    static let pipelined = 64
    /// Bytes of answers that a slow client may leave unread before its requests are left unread, too.
    static let clientOutput = 256 * 1_024
    /// Bytes that a slow peer may leave unread before Raft's messages to it are dropped.
    static let linkOutput = 4 * 1_024 * 1_024
    /// Room for what came over a connection before its handshake is done: one greeting.
    static let greetingRoom = Limits.header + Limits.smallBody
    /// Bytes of a peer that are kept until they are looked at: more than the longest frame has.
    static let linkInput = Limits.header + Limits.body + inbox
    /// Bytes taken from all connections to peers in one turn, and frames looked at.
    static let linkBytesInTurn = 4 * linkInput
    static let framesInTurn = 4_096
    /// Room that a connection to a peer keeps while nothing waits to be sent.
    static let keptOutput = 256 * 1_024
    /// After how many small reads a connection to a peer gives up the room of a large one.
    static let quietReads = 64
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
    /// How long a connection to a peer may take to stand.
    static let connect = Timespan.milliseconds(2_000)
    /// How long the answer to a look-up of a peer's name is waited for before the peer's next address is
    /// tried.
    static let lookUp = Timespan.milliseconds(2_000)
    /// How many names of the config file, and those of peers that proved to be who they are, are looked
    /// up at a time: two for each other voter, so that those for which no answer comes hold up no other.
    static let lookUps = 16
    /// The most questions about such names that are open at a time: the peers' and the gossip's.
    static let openLookUps = 128
    /// How many names that only the gossip tells are looked up at a time.
    static let rumourLookUps = 4
    /// How soon a peer is called again, at first and at last.
    static let redial = Timespan.milliseconds(10)...Timespan.milliseconds(100)
    /// How often a node looks whether those who should call it have done so, and calls them if not:
    /// long after the last of their own attempts, so that the two sides don't call each other at once.
    static let callBack = Timespan.milliseconds(1_000)
    /// How soon a rumour may make a node call another one at once again.
    static let hurry = Timespan.milliseconds(250)
    /// Room for a datagram: more than any of ours has, so that one that is too long is seen as such.
    static let datagramRoom = 2_048
    /// Datagrams taken in one turn, so that a flood leaves the others their turn; the rest stays in
    /// the socket, and is lost when that is full.
    static let datagramsInTurn = 64
    /// How long a turn takes datagrams, whatever their number: well below any heartbeat.
    static let datagramTime = Timespan.milliseconds(4)
    /// Streams of the gossip accepted in one turn.
    static let gossipAcceptsInTurn = 8
    /// The most streams that others have open to the gossip; one more and the oldest is closed.
    static let gossipCallers = 16
    /// How long a stream of the gossip may take, from its opening to its end.
    static let gossipStream = Timespan.milliseconds(5_000)
    /// How often a gossip port that can't be bound is tried again.
    static let gossipRetry = Timespan.milliseconds(2_000)
    /// The most names in addresses that the gossip tells; further ones lead nowhere.
    static let gossipNames = 64
    /// For how long what such a name stands for is believed before it is looked up again.
    static let nameLife = Timespan.milliseconds(2_000)
    /// The most messages of the gossip that wait for a name.
    static let waitingForNames = 64
    /// How often at most a line says what the gossip has dropped.
    static let dropsInterval = Timespan.milliseconds(60_000)
    /// Bytes of the address book.
    static let addressBook = 64 * 1_024
    /// The highest incarnation that a book may hold; one above it is damage.
    static let keptIncarnation: UInt64 = 1 << 61
    /// How long after a change the address book is written, so that changes that come together are
    /// written together, and how much time lies between two writes at least.
    static let bookDelay = Timespan.milliseconds(500)
    static let bookInterval = Timespan.milliseconds(10_000)
    /// How long the line that says why a node ends waits for room.
    static let lastLine = Timespan.milliseconds(1_000)
    /// How long the end may take.
    static let stopping = Timespan.milliseconds(4_000)
}
