import Primitives

/// A message and the server that it is for.
public struct Outbound: Hashable, Sendable {
    /// The receiver.
    public var to: NodeID
    /// What to say.
    public var message: Message

    /// That message, to that server.
    public init(to: NodeID, message: Message) {
        self.to = to
        self.message = message
    }
}

/// A read whose leader was confirmed: it may be answered from a state that has applied `index`.
public struct ReadReady: Hashable, Sendable {
    /// The attempt that was asked for.
    public var id: ReadID
    /// What must have been applied before the read is answered.
    public var index: LogIndex
}

extension Raft {
    /// What the core wants done. The host empties it after each turn; the order within each part counts.
    public struct Effects: Sendable {
        /// What to put on disk, at most one write at a time; its `persisted` must follow before another
        /// comes. Nothing else in here has to wait for it: what depends on it is kept back by the core.
        public var write: Write?
        /// A snapshot that the leader has sent, whole but not looked into; its level is
        /// `FeatureLevel.initial` until it is. The host checks it and puts it on disk, and exactly one
        /// `snapshotInstalled` or `snapshotRejected` follows. Until then there is no other.
        public var install: Snapshot?
        /// What to send now.
        public var outbox: [Outbound] = []
        /// The name of the first of the submitted entries, or nil where this server does not lead.
        public var accepted: EntryID?
        /// Reads that may be answered.
        public var readsReady: [ReadReady] = []
        /// What has changed and why, for people.
        public var notices: [Notice] = []

        /// No effects.
        public init() {}

        /// Forgets everything and keeps the room it took.
        public mutating func removeAll() {
            write = nil
            install = nil
            outbox.removeAll(keepingCapacity: true)
            accepted = nil
            readsReady.removeAll(keepingCapacity: true)
            notices.removeAll(keepingCapacity: true)
        }
    }
}
