import Founding
import Gossip
import Primitives
import Raft
import Replica
import Wire

/// One whole node, still without I/O: the replica, its connections as streams of bytes, the dialling of
/// peers, the gossip beside Raft, the log's requests, and an orderly stop.
///
/// A host turns it. In each turn the host
///
/// 1. hands over what has come since the last one: `accept`, `receive` and `note`, in any order;
/// 2. calls `beginTurn`, which steps all of it in the order that counts;
/// 3. puts the clients' requests before it: `request`;
/// 4. calls `endTurn`, and carries the effects out.
///
/// `deadline` says when the next turn must begin at the latest. Two hosts drive it: Server with
/// sockets and a disk, Simulation with neither. The same calls give the same effects.
public struct Node: ~Copyable {
    /// Who this node is.
    public let identity: Replica.Identity

    var replica: Replica
    var inbox = Inbox()
    var links = LinkTable()
    var dialer: Dialer
    var discovery: Discovery
    var disk: DiskProgress
    var snapshots: SnapshotProgress
    /// How far a stop has come; nil while none was asked for.
    var stop: StopProgress?

    /// The number of the next connection, whoever opens it, and of the next look-up.
    var nextLink: UInt64 = 1
    var nextTicket: UInt64 = 1
    /// Whether the next turn begins at once, as the first does: a node alone waits for nobody.
    var mustTurn = true

    /// What the host's gossip sockets can do.
    public var gossipSockets = GossipSockets()

    /// Whether every client has its answer and is gone; a stop waits for it. The host keeps it.
    public var areClientsServed = true

    /// A node from its parts, all of them as its disk and its config file have them.
    ///
    /// - Parameters:
    ///   - replica: what the disk held.
    ///   - gossip: the gossip, before it has heard of anybody.
    ///   - peers: where the other nodes can be called.
    ///   - timing: heartbeat and election timeouts.
    ///   - snapshotEntries: how many entries lie between two snapshots, at least.
    ///   - isDiskFull: whether the log called its disk full when it was opened.
    ///   - now: the time.
    public init(
        replica: consuming Replica, gossip: consuming Gossip, peers: PeerAddresses, timing: Timing,
        snapshotEntries: UInt64, isDiskFull: Bool, at now: Instant
    ) {
        identity = replica.identity
        dialer = Dialer(from: replica.identity.node, to: peers, at: now)
        discovery = Discovery(gossip)
        disk = DiskProgress(slow: timing.election.lowerBound / 2, isFull: isDiskFull)
        snapshots = SnapshotProgress(entries: snapshotEntries, recovered: replica.snapshot)
        self.replica = replica
    }

    /// When the next turn must begin, unless something happens before: the origin where it must begin at
    /// once.
    public var deadline: Instant {
        if mustTurn || !inbox.isEmpty || links.hasFrames { return .origin }
        var next = min(replica.deadline, dialer.deadline)
        next = min(next, min(discovery.deadline, min(disk.markDue, disk.retryDeadline)))
        next = min(next, snapshots.deadline)
        if let stop { next = min(next, stop.deadline) }
        return min(next, links.connectDeadline)
    }

    /// A new number for a connection.
    mutating func takeLinkID() -> LinkID {
        defer { nextLink += 1 }
        return LinkID(nextLink)
    }

    /// A new number for a look-up.
    mutating func takeTicket() -> UInt64 {
        defer { nextTicket += 1 }
        return nextTicket
    }
}
