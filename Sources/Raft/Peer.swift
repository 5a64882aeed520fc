import Primitives

/// Another voter as this server sees it: its connection, and, while this server leads, how far its
/// log is known to agree.
///
/// While this server leads, `match < next`, and `match` falls only where a connection comes up anew.
public struct Peer: Sendable {
    /// How entries go to the follower.
    enum Flow: Sendable {
        /// Where the logs agree is not known: entries go once, and until the answer that is `awaiting`
        /// comes all else is empty.
        case probe(awaiting: Bool)
        /// The logs agree up to `next`: messages follow each other without waiting.
        case pipeline
        /// The log no longer holds what the follower lacks: it gets a snapshot, and no entries until it
        /// has that.
        case snapshot(SnapshotSending)
    }

    /// The voter.
    public let id: NodeID
    /// Whether the host holds a connection to it.
    public internal(set) var isConnected = false
    /// The last index known to agree and to be on the peer's disk.
    public internal(set) var match = LogIndex.zero
    /// When the peer last said something in this term.
    public internal(set) var lastHeard = Instant.origin

    /// Whether it has said that its disk is full: entries wait until it says otherwise.
    public internal(set) var isDiskFull = false

    var next = LogIndex(1)
    var flow = Flow.probe(awaiting: false)
    /// Whether it was said that it is behind, and not yet that it has caught up.
    var isCatchingUp = false
    var owesHeartbeat = false
    var sentCommit = LogIndex.zero
    var sentRound: UInt64 = 0
    var acknowledgedRound: UInt64 = 0

    /// The snapshot that the follower gets; nil where entries go.
    var sending: SnapshotSending? {
        if case .snapshot(let sending) = flow { sending } else { nil }
    }

    /// Whether messages follow each other without waiting.
    var isPipelining: Bool {
        if case .pipeline = flow { true } else { false }
    }

    init(id: NodeID) {
        self.id = id
    }

    /// Starts a leader's view of this follower: the logs may agree up to the leader's last entry.
    mutating func startLeading(after last: LogIndex, at now: Instant) {
        match = .zero
        isDiskFull = false
        next = last.next
        flow = .probe(awaiting: false)
        isCatchingUp = false
        owesHeartbeat = true
        sentCommit = .zero
        sentRound = 0
        acknowledgedRound = 0
        lastHeard = now
    }

    /// Ends a leader's view of this follower: a snapshot that it was sent need not be kept.
    mutating func stopLeading() { flow = .probe(awaiting: false) }

    /// Starts again after a connection came back: what was under way on the old one may be lost.
    ///
    /// In a pipeline `next` runs ahead of what arrived. While probing it does not, and it is the
    /// best guess of where the logs agree: a follower that was away at the election would else be
    /// sent the whole log. What the peer had on its disk is asked anew: if the end of its log was
    /// damaged and cut off, it gets it back. A snapshot goes on where the follower says.
    mutating func restartFlow() {
        if isPipelining { next = match.next }
        match = .zero
        owesHeartbeat = true
        if var sending {
            sending.restart()
            flow = .snapshot(sending)
        } else {
            flow = .probe(awaiting: false)
        }
    }

    /// The follower agrees up to `index`. Entries go to it from now on, unless a snapshot is on its way
    /// and it still lacks some that lie at or below `base`.
    mutating func advance(to index: LogIndex, base: LogIndex) {
        match = max(match, index)
        next = max(next, match.next)
        if let sending {
            if match < sending.snapshot.last.index && next <= base { return }
            // It knows of no commit index but the snapshot's.
            owesHeartbeat = true
        }
        flow = .pipeline
    }

    /// The follower's disk is full. It gets no entries, and is asked with each heartbeat how it stands. A
    /// snapshot that is on its way stays so.
    mutating func holdBack() {
        guard sending == nil else { return }
        next = match.next
        flow = .probe(awaiting: true)
    }

    /// The follower does not hold the entry at `rejected`; the logs may agree up to `hint`. Returns
    /// false where the answer is an old one that says nothing any more.
    mutating func backUp(rejected: LogIndex, to hint: LogIndex) -> Bool {
        switch flow {
        case .probe where rejected != next.previous: return false
        case .pipeline where rejected <= match || rejected >= next: return false
        case .snapshot: return false
        default: break
        }
        next = max(min(hint.next, rejected), match.next)
        flow = .probe(awaiting: false)
        return true
    }
}
