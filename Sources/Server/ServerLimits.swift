import Primitives

/// The bounds of a server.
public enum ServerLimits {
    /// The most client connections.
    public static let clients = 10_000
    /// Descriptors that clients never get: listeners, peers, log files, directory, signals.
    static let reservedDescriptors = 64
    /// The most requests of one connection that wait for their answers; the rest stays unread.
    static let pipelined = 64
    /// Bytes of answers that a slow client may leave unread before its requests are left unread, too.
    static let clientOutput = 256 * 1_024
    /// Bytes that a slow peer may leave unread before Raft's messages to it are dropped.
    static let linkOutput = 4 * 1_024 * 1_024
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
    /// How soon a peer is called again, at first and at last.
    static let redial = Timespan.milliseconds(10)...Timespan.milliseconds(100)
    /// How often a node looks whether those who should call it have done so, and calls them if not:
    /// long after the last of their own attempts, so that the two sides don't call each other at once.
    static let callBack = Timespan.milliseconds(1_000)
    /// The most lines for people in a second; more are dropped and counted.
    static let linesInSecond = 50
    /// How long the end may take.
    static let stopping = Timespan.milliseconds(4_000)
}
