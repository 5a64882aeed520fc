import Primitives
import Raft
import Replica
import Wire

extension Node {
    /// What can happen to a node, beside bytes and clients; the host notes it between two turns.
    public enum Event: Sendable {
        /// A connection that this node asked for stands.
        case connected(LinkID)
        /// A connection has ended, or one that this node asked for has not come about.
        case ended(LinkID)
        /// A name was looked up, or could not be.
        case lookedUp(ticket: UInt64, LookUpResult)
        /// The disk has done what it was asked for, and whether the log calls it full: `isFull`.
        case diskDone(DiskCompletion, isFull: Bool)
        /// A datagram has come to the gossip's port.
        case datagram([UInt8], from: Address)
        /// The snapshot that the node wanted is on disk.
        case snapshotSaved(Snapshot)
        /// The leader's snapshot is on disk.
        case snapshotInstalled(Snapshot)
        /// The leader's snapshot is damaged, or another cluster's.
        case snapshotRejected(EntryID)
        /// There was no space for the snapshot that the node wanted, or for the leader's of that name.
        case snapshotOutOfSpace(installing: EntryID?)
        /// The host's engine has applied the entry at a checkpoint.
        case stateHash(StateHash)
        /// The node is to end in good order.
        case stopRequested
    }

    /// What came of looking a name up.
    public enum LookUpResult: Sendable {
        /// These numbers, the preferred one first.
        case found([Address])
        /// Nothing, and why, for people.
        case failed(String)
    }

    /// What has been noted since the last turn, by its place in the turn.
    struct Inbox {
        /// Connections that have ended.
        var ended: [LinkID] = []
        /// This node's calls that stand now, and callers that were accepted.
        var connected: [LinkID] = []
        var callers: [LinkID] = []
        var completion: (DiskCompletion, isFull: Bool)?
        var snapshot: SnapshotEvent?
        var lookUps: [(ticket: UInt64, result: LookUpResult)] = []
        var datagrams: [(bytes: [UInt8], source: Address)] = []
        var stateHashes: [StateHash] = []
        var isStopRequested = false

        var isEmpty: Bool {
            ended.isEmpty && connected.isEmpty && callers.isEmpty && completion == nil
                && snapshot == nil && lookUps.isEmpty && datagrams.isEmpty && stateHashes.isEmpty
                && !isStopRequested
        }

        mutating func note(_ event: SnapshotEvent) {
            precondition(snapshot == nil, "two snapshots at once")
            snapshot = event
        }
    }

    /// Notes what has happened, for the next turn.
    public mutating func note(_ event: consuming Event) {
        switch consume event {
        case .connected(let link): inbox.connected.append(link)
        case .ended(let link): inbox.ended.append(link)
        case .lookedUp(let ticket, let result): inbox.lookUps.append((ticket, result))
        case .diskDone(let completion, let isFull):
            precondition(inbox.completion == nil, "two completions for one request")
            inbox.completion = (completion, isFull)
        case .datagram(let bytes, let source): inbox.datagrams.append((bytes, source))
        case .snapshotSaved(let snapshot): inbox.note(.saved(snapshot))
        case .snapshotInstalled(let snapshot): inbox.note(.installed(snapshot))
        case .snapshotRejected(let last): inbox.note(.rejected(last))
        case .snapshotOutOfSpace(let last): inbox.note(.outOfSpace(installing: last))
        case .stateHash(let hash): inbox.stateHashes.append(hash)
        case .stopRequested: inbox.isStopRequested = true
        }
    }
}
