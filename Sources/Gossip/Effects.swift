import Primitives

extension Gossip {
    /// What a member wants done.
    public struct Effects: Sendable {
        /// A datagram to send; at most `GossipLimits.datagram` bytes.
        public struct OutboundDatagram: Hashable, Sendable {
            /// Where to.
            public var to: Address
            /// What.
            public var bytes: [UInt8]
        }

        /// A stream to open: send the bytes, wait for one answer, close.
        public struct Call: Hashable, Sendable {
            /// What `Event.answered` or `Event.callFailed` name.
            public var id: CallID
            /// Where to.
            public var to: Address
            /// What to send, its length included.
            public var bytes: [UInt8]
        }

        /// Datagrams to send.
        public var datagrams: [OutboundDatagram] = []
        /// Streams to open.
        public var calls: [Call] = []
        /// What to send, length included, on streams that others opened; each is then closed.
        public var answers: [(to: CallerID, bytes: [UInt8])] = []
        /// What people may want to know.
        public var notices: [Notice] = []

        /// No effects.
        public init() {}

        /// Forgets everything and keeps the room it took.
        public mutating func removeAll() {
            datagrams.removeAll(keepingCapacity: true)
            calls.removeAll(keepingCapacity: true)
            answers.removeAll(keepingCapacity: true)
            notices.removeAll(keepingCapacity: true)
        }
    }

    /// Something that happened, worth a line in the log.
    public enum Notice: Hashable, Sendable {
        /// The first other member has answered.
        case joined(through: NodeID)
        /// A member is now in that state; or it is new.
        case changed(NodeID, Member.State)
        /// Another member held this one for suspect, dead or gone, and it has refuted that, with
        /// that incarnation.
        case refuted(Member.State, incarnation: UInt64)
        /// A member answers on a stream and not by datagrams: something between the two drops them.
        /// Said once for a member within `GossipLimits.blockedNoticeInterval`.
        case datagramsBlocked(NodeID)
        /// Another process goes by this member's name, and it says that it is reached there. Said
        /// once within `GossipLimits.twinNoticeInterval`.
        case twin(gossip: Address)
    }
}
