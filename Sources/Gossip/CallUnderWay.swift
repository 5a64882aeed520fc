import Primitives

/// A stream that this member has opened, until it brings an answer, breaks, or takes too long.
struct CallUnderWay: Sendable {
    /// What for.
    enum Purpose: Hashable, Sendable {
        /// To ask the member of the present probe whether it is there.
        case probe
        /// To tell all that is known and hear all that is known; at that seed's address, if any.
        case exchange(seed: Int?)
        /// To say good-bye.
        case farewell
    }

    let id: CallID
    let purpose: Purpose
    /// When nothing more is expected.
    let end: Instant
}

/// An address from the configuration at which somebody may be.
struct Seed: Sendable {
    /// Where.
    let address: Address
    /// Who has answered there, the last time that anybody did.
    var id: NodeID?
    /// Whether it is this member itself that answers there.
    var isOwn = false
}
