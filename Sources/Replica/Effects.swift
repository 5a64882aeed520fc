import Founding
import Primitives
import Raft
import Wire

extension Replica {
    /// What a node wants done.
    public struct Effects: Sendable {
        /// What to put on disk: the founding state first, then the starts, then the log's write.
        public struct DiskWrite: Sendable {
            /// What `Event.persisted` names when all of it is synced.
            public var id: WriteID
            /// The new founding state, if it changed.
            public var founding: FoundingState?
            /// Starts of peers that the disk is to remember.
            public var peerStarts: [PeerStart]
            /// What the Raft core wants on disk, if anything.
            public var log: Write?
        }

        /// What to send on which connection, in this order.
        public var outbox: [(link: LinkID, message: PeerMessage)] = []
        /// Connections to end once what was sent on them has left.
        public var closes: [LinkID] = []
        /// What to put on disk now; the next one comes after `persisted`.
        public var write: DiskWrite?
        /// Answers for clients whose requests had to wait, in the order in which an engine must apply
        /// the entries that they name.
        public var answers: [(request: RequestID, answer: Answer)] = []
        /// What people may want to know.
        public var notices: [Notice] = []
        /// A snapshot that the leader has sent, not looked into yet. The host checks it and puts it on
        /// disk; `Event.snapshotInstalled`, with the level that it holds, or `snapshotRejected` follows.
        public var install: Snapshot?
        /// The snapshot up to that entry, which is on disk, stands for the log up to it: before any answer
        /// is carried out it takes the place of the host's engine.
        public var installed: EntryID?
        /// Whether the log has been at rest for a while behind the newest checkpoint: the host's engine is
        /// to note its state, once it has applied all that is committed, as `Engine.noteState`.
        public var notesState = false
        /// The node must end, and this is why.
        public var end: EndReason?

        var raft = Raft.Effects()

        /// No effects.
        public init() {}

        /// Forgets everything and keeps the room it took.
        public mutating func removeAll() {
            // In most turns most of them are empty.
            if !outbox.isEmpty { outbox.removeAll(keepingCapacity: true) }
            if !closes.isEmpty { closes.removeAll(keepingCapacity: true) }
            if write != nil { write = nil }
            if install != nil { install = nil }
            if installed != nil { installed = nil }
            if !answers.isEmpty { answers.removeAll(keepingCapacity: true) }
            if !notices.isEmpty { notices.removeAll(keepingCapacity: true) }
            notesState = false
            end = nil
        }
    }

    /// Something that happened, worth a line in the log.
    public enum Notice: Hashable, Sendable {
        /// Who leads in which term, as this node sees it; nil if no leader is known.
        case leader(NodeID?, Term)
        /// A change of role, term or quorum in the core, and why.
        case raft(Raft.Notice)
        /// Less than a majority of the voters answers: these.
        case majorityLost(answering: [NodeID])
        /// A leader is known again, that long after the majority was lost.
        case majorityBack(leader: NodeID, after: Timespan)
        /// This node hands its leadership to that voter.
        case transferStarted(to: NodeID)
        /// A handshake succeeded.
        case linked(NodeID)
        /// An established connection has ended.
        case unlinked(NodeID)
        /// This node refuses a connection whose other end claims to be that node; `dialed` is the node
        /// that it had called, nil for an incoming connection.
        case rejected(NodeID, Refusal, dialed: NodeID?)
        /// An incoming connection that claims to be that node has a founding record that contradicts
        /// this node's. A caller can claim anything, so nothing follows.
        case contradicted(by: NodeID)
        /// Another node refuses this one; `dialed` is the node that it had called.
        case refused(by: NodeID?, Refusal, dialed: NodeID?)
        /// A voter sent entries that are no commands.
        case badEntries(from: NodeID)
        /// The disk is full, or has room again.
        case diskFull(Bool)
        /// This node's pledge is on disk.
        case pledged
        /// The cluster is founded.
        case founded
        /// The cluster has that feature level from here on.
        case featureLevel(FeatureLevel)
        /// The voters' states differ at that index, and none has a majority; nil where that is over.
        case statesDiffer(at: LogIndex?)
    }

    /// Why a node must end.
    public struct EndReason: Hashable, Sendable {
        /// For people: both identities, and what to do.
        public var text: String
        /// What the process ends with, as in sysexits: 78 where its identity or its config file is to
        /// blame, 65 where its program can't read what the cluster writes, or its state is wrong.
        public var exitCode: Int32 = 78
    }
}
