import Primitives

/// How long a server waits for what (Raft §5.6: broadcast time ≪ election timeout ≪ time between
/// failures).
public struct Timing: Hashable, Sendable {
    /// How often an idle leader sends AppendEntries.
    public var heartbeat: Timespan
    /// What election timeouts are drawn from.
    public var election: ClosedRange<Timespan>

    /// 50 ms heartbeats and election timeouts of 150 to 300 ms (Raft §9.3).
    public static let standard = Timing(
        heartbeat: .milliseconds(50), election: .milliseconds(150)...(.milliseconds(300)))

    /// Those lengths. Twice the heartbeat must not exceed the lowest election timeout.
    public init(heartbeat: Timespan, election: ClosedRange<Timespan>) {
        precondition(heartbeat > .zero, "a heartbeat of no length")
        precondition(heartbeat * 2 <= election.lowerBound, "\(heartbeat) against \(election)")
        self.heartbeat = heartbeat
        self.election = election
    }

    /// By how much the next in line lets the one before it go first when a leader's connection ends.
    var successionStep: Timespan { heartbeat / 4 }

    /// How long a leader that has nothing else to send waits until it tells its followers of a new
    /// commit index.
    var commitNotice: Timespan { heartbeat / 10 }
}

/// How a server cuts its log behind snapshots, and sends these.
public struct SnapshotLimits: Hashable, Sendable {
    /// The most entries below a snapshot of its own that it keeps for followers that lack only few.
    public var trailingEntries: Int
    /// The most bytes of such entries.
    public var trailingBytes: Int
    /// The most bytes in one piece.
    public var bytesInPiece: Int
    /// The most bytes of entries that a server still takes once its disk is full.
    public var bytesOnFullDisk: Int

    /// The limits in `RaftLimits`.
    public static let standard = SnapshotLimits(
        trailingEntries: RaftLimits.trailingEntries, trailingBytes: RaftLimits.trailingBytes,
        bytesInPiece: RaftLimits.bytesInPiece, bytesOnFullDisk: RaftLimits.bytesOnFullDisk)

    /// Those limits; a piece has at least one byte.
    public init(
        trailingEntries: Int, trailingBytes: Int, bytesInPiece: Int, bytesOnFullDisk: Int = 0
    ) {
        precondition(trailingEntries >= 0 && trailingBytes >= 0 && bytesInPiece > 0, "no limits")
        precondition(bytesOnFullDisk >= 0, "no limit")
        self.bytesOnFullDisk = bytesOnFullDisk
        self.trailingEntries = trailingEntries
        self.trailingBytes = trailingBytes
        self.bytesInPiece = bytesInPiece
    }
}

/// The bounds of the core.
public enum RaftLimits {
    /// The most voters.
    public static let voters = 9
    /// The most entries in one AppendEntries.
    public static let entriesInMessage = 4_096
    /// The most bytes of entries in one AppendEntries, unless a single entry is larger.
    public static let bytesInMessage = 64 * 1_024
    /// The most entries sent to a follower and not yet acknowledged by it.
    public static let entriesInFlight = 16_384
    /// The most bytes of entries sent to a follower and not yet acknowledged by it, unless a single
    /// entry is larger than a message.
    public static let bytesInFlight = 1_024 * 1_024
    /// How many entries a follower may lack at its leader's first answer before that is worth a line;
    /// under load some are always under way.
    public static let entriesBehind = 100
    /// The most bytes in one piece of a snapshot.
    public static let bytesInPiece = 128 * 1_024
    /// The most bytes of entries that a server still takes once its disk is full: what may stand before
    /// the entry that begins a term, so that reads go on, and up to where states are compared the next
    /// time, so that there can be a snapshot.
    public static let bytesOnFullDisk = 256 * 1_024
    /// How many election timeouts a server whose disk is full leaves the candidacy to others.
    static let timeoutsOnFullDisk = 8
    /// The most bytes of a snapshot that a follower takes.
    public static let bytesInSnapshot = 1_024 * 1_024 * 1_024
    /// The most entries below a snapshot of its own that a server keeps for followers that lack only
    /// few: what may be under way to one.
    public static let trailingEntries = entriesInFlight
    /// The most bytes of entries below a snapshot of its own that a server keeps for such followers.
    public static let trailingBytes = bytesInFlight
    /// The most reads that a leader keeps waiting for confirmation; later ones are dropped and
    /// counted, and their callers retry.
    public static let pendingReads = 65_536
}
