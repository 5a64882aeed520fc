import Gossip
import Primitives
import Raft
import Replica
import Wire

extension Node {
    /// What a node wants done. The host carries it out after `endTurn`, in this order: flushes, answers,
    /// closes, all else.
    public struct Effects: Sendable {
        /// A connection that is to be opened, for peers or for the gossip.
        public struct Call: Sendable {
            /// What `connected` or `ended` name.
            public var link: LinkID
            /// A number and a port.
            public var to: Address
        }

        /// A name that is to be looked up.
        public struct LookUp: Sendable {
            /// What `lookedUp` names.
            public var ticket: UInt64
            /// The name, and the port that comes with it.
            public var address: Address
            /// Whether only the gossip told the name.
            public var isRumour: Bool
        }

        /// A datagram that is to be sent.
        public struct Datagram: Sendable {
            /// A number and a port.
            public var to: Address
            /// What; at most `GossipLimits.datagram` bytes.
            public var bytes: [UInt8]
        }

        /// Connections that have something to send: see `Node.withOutput`.
        public var flushes: [LinkID] = []
        /// Connections to end, once what goes at once of their output has left: see `Node.forget`.
        public var closes: [LinkID] = []
        /// Connections to open.
        public var calls: [Call] = []
        /// Names to look up.
        public var lookUps: [LookUp] = []
        /// Look-ups for whose answers nobody waits any more.
        public var abandonedLookUps: [UInt64] = []
        /// Datagrams to send, as far as they go at once.
        public var datagrams: [Datagram] = []
        /// What to do with the log; the next request comes after the completion of this one.
        public var disk: DiskRequest?
        /// Whether the host is to apply what is committed and to keep a copy of its engine, in the place of
        /// any that it kept before: it will be a snapshot once a majority is known to have the same state.
        public var copiesEngine = false
        /// Whether the host is to take a snapshot: encode and save the copy of its engine beside its loop,
        /// the one of this turn where there is one. `snapshotSaved` or `snapshotOutOfSpace` follows.
        public var wantsSnapshot = false
        /// A snapshot from the leader. The host decodes and saves it beside its loop;
        /// `snapshotInstalled` or `snapshotRejected` follows.
        public var install: Snapshot?
        /// What the directory is to remember of the other nodes' addresses, where that has changed.
        public var addressBook: AddressBook?
        /// What people may want to know.
        public var notices: [Notice] = []
        /// Whether the stop that was asked for is done.
        public var isStopped = false

        var replica = Replica.Effects()

        /// No effects.
        public init() {}

        /// Answers for clients.
        public var answers: [(request: RequestID, answer: Replica.Answer)] { replica.answers }

        /// The snapshot that has become the log's beginning: the host's engine jumps to it, right after
        /// `beginTurn`.
        public var installed: EntryID? { replica.installed }

        /// Whether the host's engine is to note its state: see `Replica.Effects.notesState`.
        public var notesState: Bool { replica.notesState }

        /// The node must end, and this is why.
        public var end: Replica.EndReason? { replica.end }

        /// Forgets everything and keeps the room it took.
        public mutating func removeAll() {
            if !flushes.isEmpty { flushes.removeAll(keepingCapacity: true) }
            if !closes.isEmpty { closes.removeAll(keepingCapacity: true) }
            if !calls.isEmpty { calls.removeAll() }
            if !lookUps.isEmpty { lookUps.removeAll() }
            if !abandonedLookUps.isEmpty { abandonedLookUps.removeAll() }
            if !datagrams.isEmpty { datagrams.removeAll(keepingCapacity: true) }
            if disk != nil { disk = nil }
            copiesEngine = false
            wantsSnapshot = false
            if install != nil { install = nil }
            if addressBook != nil { addressBook = nil }
            if !notices.isEmpty { notices.removeAll(keepingCapacity: true) }
            isStopped = false
            precondition(
                replica.outbox.isEmpty && replica.notices.isEmpty && replica.write == nil,
                "the replica was stepped behind the end of the turn")
            replica.removeAll()
        }

        /// Notes that the connection has something to send.
        mutating func flush(_ link: LinkID) {
            if !flushes.contains(link) { flushes.append(link) }
        }
    }

    /// Something that happened, worth a line in the log.
    public enum Notice: Sendable {
        /// What the replica noted.
        case replica(Replica.Notice)
        /// What the gossip noted.
        case gossip(Gossip.Notice)
        /// The connection, at the Raft port, is closed for what came over it, or did not.
        case badBytes(on: LinkID, reason: String)
        /// A peer's name leads nowhere; `isRumour` where only the gossip told it.
        case lookUpFailed(NodeID, at: Address, reason: String, isRumour: Bool)
        /// The gossip hears nobody else, or others again.
        case gossipAlone(Bool)
        /// Messages were dropped that no node of this cluster should send.
        case gossipDropped(Gossip.Counters, since: Gossip.Counters)
        /// The disk took that long for a write, more than the limit.
        case slowWrite(Timespan, limit: Timespan)
        /// The stop is done, but the disk has not answered in time.
        case stoppedWithoutDisk
    }
}
