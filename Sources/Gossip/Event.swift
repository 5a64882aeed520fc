import Primitives

/// A stream that this node opens, numbered by the core; a number is never used twice.
public struct CallID: Hashable, Comparable, Sendable {
    /// The stream's number.
    public let number: UInt64

    /// The stream of that number.
    public init(_ number: UInt64) { self.number = number }

    /// Whether the first stream was asked for before the second.
    public static func < (left: CallID, right: CallID) -> Bool { left.number < right.number }
}

/// A stream that another member opened to this node, numbered by the host.
public struct CallerID: Hashable, Sendable {
    /// The stream's number.
    public let number: UInt64

    /// The stream of that number.
    public init(_ number: UInt64) { self.number = number }
}

extension Gossip {
    /// What happens to a member.
    public enum Event: Sendable {
        /// The deadline may have come. Too early does no harm.
        case deadlineReached
        /// A datagram, as it came, and the socket's address that it came from.
        case datagram([UInt8], from: Address)
        /// One whole message, its length included, on a stream that another member opened to this node.
        /// Its answer is among the effects of the same step, or there is none: the host then
        /// closes.
        case called(CallerID, [UInt8])
        /// The whole answer, its length included, on a stream that this node opened.
        case answered(CallID, [UInt8])
        /// A stream was refused, broke, or brought nothing in time.
        case callFailed(CallID)
        /// The cluster has been founded, with a record of that digest.
        case founded(FoundingDigest)
        /// What this member says of itself has changed.
        case described(Metadata)
        /// This member is about to end, on purpose.
        case leave
    }
}
