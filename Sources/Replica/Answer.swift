import Primitives
import Raft

extension Replica {
    /// What a client is told.
    public enum Answer: Hashable, Sendable {
        /// Done: the value and where it stands.
        case value(Receipt)
        /// The sum leaves Int64: the command is in the log and changed nothing.
        case overflow(Receipt)
        /// Another node leads.
        case redirect(leader: NodeID, http: [UInt8])
        /// Not applied, and never will be.
        case unavailable(Unavailable)
        /// The write may be committed or not, now or later.
        case unknownOutcome
        /// Leadership has gone where it was to go: that node leads that term.
        case leads(NodeID, Term)
        /// Leadership was to go to a node that is no voter.
        case notAVoter
        /// Leadership did not go where it was to go: the node could not catch up in time, or another
        /// transfer is under way.
        case transferFailed
    }

    /// Where a value stands: a write's own entry, or the last entry applied when a read was answered.
    public struct Receipt: Hashable, Sendable {
        /// The value.
        public var value: Int64
        /// The entry.
        public var entry: EntryID
        /// The index of the last set or add that took effect.
        public var lastChange: LogIndex
    }

    /// Why a request was not applied.
    public enum Unavailable: Hashable, Sendable {
        /// No leader is known, or none could be confirmed in time.
        case noLeader
        /// The cluster is not founded yet.
        case forming
        /// Another entry was committed at the write's index.
        case superseded
        /// Too many requests wait already.
        case overloaded
        /// The node is about to end.
        case stopping
    }
}
