import Primitives
import Raft

extension Replica {
    /// What becomes of a request.
    public enum Answer: Hashable, Sendable {
        /// The write is committed as that entry; the engine that applies it yields its outcome.
        case committed(EntryID)
        /// The read may be answered by an engine that has applied that index, which is committed.
        case readable(through: LogIndex)
        /// Another node leads.
        case redirect(leader: NodeID, http: [UInt8])
        /// Not applied, and never will be.
        case unavailable(Unavailable)
        /// The write may be committed or not, now or later.
        case unknownOutcome
        /// The transfer is done: that node leads that term.
        case leads(NodeID, Term)
        /// The target of the transfer is no voter.
        case notAVoter
        /// The transfer failed: the target could not catch up in time, or another transfer is in
        /// progress.
        case transferFailed
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
        /// This node leads, its disk is full, and no other could take the leadership over.
        case diskFull
        /// The node is about to end.
        case stopping
        /// The write is guarded, and the cluster's feature level knows no guards.
        case unsupported
        /// The voters' states differ, and none of them has a majority.
        case diverged
    }
}
