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
        /// Answers for clients whose requests had to wait.
        public var answers: [(request: RequestID, answer: Answer)] = []
        /// What people may want to know.
        public var notices: [Notice] = []
        /// The node must end with exit code 78, and this is why.
        public var end: EndReason?

        var raft = Raft.Effects()

        /// No effects.
        public init() {}

        /// Forgets everything and keeps the room it took.
        public mutating func removeAll() {
            outbox.removeAll(keepingCapacity: true)
            closes.removeAll(keepingCapacity: true)
            write = nil
            answers.removeAll(keepingCapacity: true)
            notices.removeAll(keepingCapacity: true)
            end = nil
        }
    }

    /// Something that happened, worth a line in the log.
    public enum Notice: Hashable, Sendable {
        /// Who leads in which term, as this node sees it; nil where nobody is known to.
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
        /// This node refuses whoever says that it is that node; `dialed` is whom this node had called.
        case turnedAway(NodeID, Refusal, dialed: NodeID?)
        /// A caller that says it is that node has a record that speaks against this one. Callers may say
        /// anything, so nothing follows.
        case contradicted(by: NodeID)
        /// Another node refuses this one; `dialed` is whom this node had called.
        case refused(by: NodeID?, Refusal, dialed: NodeID?)
        /// A voter sent entries that are no commands.
        case badEntries(from: NodeID)
        /// The disk has pledged itself.
        case pledged
        /// The cluster is founded.
        case founded
    }

    /// Why a node must end.
    public struct EndReason: Hashable, Sendable {
        /// For people: both identities, and what to do.
        public var text: String
    }
}
