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
        /// Read the state, never older than any write acknowledged before the question.
        case read
        /// Let that voter lead, or any other than the present leader.
        case transfer(to: NodeID?)
    }

    /// What can happen to a node.
    public enum Event: Sendable {
        /// A connection is open; `dialed` is whom this node called, nil where it was called. An address
        /// that only others told, while this node knows one itself, is hearsay: what is said there ends
        /// nobody.
        case linkOpened(LinkID, dialed: NodeID?, isHearsay: Bool = false)
        /// A connection has ended.
        case linkClosed(LinkID)
        /// Something came over a connection.
        case received(PeerMessage, on: LinkID)
        /// The time of `Replica.deadline` has come.
        case deadlineReached
        /// The write of that number is on disk. A number that is not the one under way is the host's bug.
        case persisted(WriteID)
        /// The node is about to end: it gives its leadership away and takes no new writes.
        case stopRequested
        /// Everything that was ready has been stepped.
        case turnEnded
    }
}
