import Primitives
import Raft
import Wire

/// A connection to another node, numbered by the host; a number is never used twice.
public struct LinkID: Hashable, Comparable, Sendable {
    /// The connection's number.
    public var number: UInt64

    /// The connection of that number.
    public init(_ number: UInt64) { self.number = number }

    /// Whether the first connection was numbered before the second.
    public static func < (left: LinkID, right: LinkID) -> Bool { left.number < right.number }
}

/// A client's request while it waits, numbered by the host; a number is never used twice.
public struct RequestID: Hashable, Sendable {
    /// The request's number.
    public var number: UInt64

    /// The request of that number.
    public init(_ number: UInt64) { self.number = number }
}

extension Replica {
    /// What a client wants. A stale read is none of the replica's concern: it reads the engine.
    public enum Request<Command: LogCommand>: Hashable, Sendable {
        /// Change the state by that command.
        case write(Command)
        /// Change the state by that command under that guard. From feature level 2 on.
        case guardedWrite(Command, WriteGuard)
        /// Read the state, never older than any write acknowledged before the question.
        case read
        /// Transfer leadership to that voter, or to any other than the present leader.
        case transfer(to: NodeID?)

        /// Whether the answer rests on the node's state.
        @usableFromInline
        var needsState: Bool {
            if case .transfer = self { false } else { true }
        }
    }

    /// What can happen to a node.
    public enum Event: Sendable {
        /// A connection is open; `dialed` is the node that this one called, nil for an incoming one. An
        /// address that only other nodes told, while this node knows one itself, is hearsay: nothing
        /// said there can make this node end.
        case linkOpened(LinkID, dialed: NodeID?, isHearsay: Bool = false)
        /// A connection has ended.
        case linkClosed(LinkID)
        /// A whole frame has arrived.
        case received(PeerMessage, on: LinkID)
        /// What has arrived is no frame that this program can read; the connection ends with it.
        case badFrame(WireFault, on: LinkID)
        /// The time of `Replica.deadline` has come.
        case deadlineReached
        /// The write of that number is on disk. A number that is not the one under way is the host's bug.
        case persisted(WriteID)
        /// Whether the disk is full, as the log says with each answer.
        case diskFull(Bool)
        /// A snapshot that the host was to take is on disk, where a restart finds it.
        case snapshotSaved(Snapshot)
        /// The snapshot that `Effects.install` asked for is on disk, checked, with the level that it holds.
        case snapshotInstalled(Snapshot)
        /// The snapshot up to that entry, which `Effects.install` asked for, is damaged or does not belong
        /// here.
        case snapshotRejected(EntryID)
        /// The host's engine has applied the entry at a checkpoint: see `Engine.takeCheckpoints`.
        case stateHash(StateHash)
        /// The node is about to end: it gives its leadership away and takes no new writes.
        case stopRequested
        /// The node ends and can wait no longer: everybody who waits is told what is known.
        case requestsAbandoned
        /// Everything that was ready has been stepped: replication and writes leave now.
        case turnEnded
    }
}
