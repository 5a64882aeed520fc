import Primitives

extension Raft {
    /// What can happen to a server.
    public enum Event: Sendable {
        /// The time of `deadline` has come.
        case deadlineReached
        /// The cluster has these voters, this server among them or not.
        case configured(voters: [NodeID])
        /// The host holds a connection to that peer.
        case connected(NodeID)
        /// The connection to that peer has ended.
        case connectionLost(NodeID)
        /// A peer said something.
        case received(Message, from: NodeID)
        /// Commands to be appended to the log, if this server leads; see `Effects.accepted`.
        case submitted(Payloads)
        /// A linearizable read is wanted; see `Effects.readsReady`. Nothing may come of it: the
        /// caller retries under a new id.
        case readRequested(ReadID)
        /// Leadership is to go to that voter, if this server leads; see `isTransferring`.
        case transferRequested(to: NodeID)
        /// This server is about to end: it campaigns no more.
        case stopRequested
        /// The write of that id is on disk.
        case persisted(through: WriteID)
        /// The disk has no space for more than what must be written, or has space again.
        case diskFull(Bool)
        /// An own snapshot is on disk: followers get it, and the log is cut behind it. Its last entry is
        /// committed.
        case snapshotSaved(Snapshot)
        /// The snapshot of `Effects.install` was found whole, decoded and put on disk.
        case snapshotInstalled(Snapshot)
        /// The snapshot of `Effects.install` that ends with this entry is of no use: it is sent again.
        case snapshotRejected(EntryID)
        /// Everything that was ready has been stepped: now write and send.
        case turnEnded
    }
}
