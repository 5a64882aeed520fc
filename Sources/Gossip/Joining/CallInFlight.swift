import Primitives

/// A stream that this member has opened, until it brings an answer, breaks, or takes too long.
struct CallInFlight: Sendable {
    /// What for.
    enum Purpose: Hashable, Sendable {
        /// To ask the member of the present probe whether it is there.
        case probe
        /// To exchange full states; at that seed's address, if any.
        case exchange(seed: Int?)
        /// To announce the own leave.
        case leaving
    }

    let id: CallID
    let purpose: Purpose
    /// When nothing more is expected.
    let end: Instant
}

/// An address from the configuration at which a member may be reached.
struct Seed: Sendable {
    /// Where.
    let address: Address
    /// Who has answered there, the last time that anybody did.
    var id: NodeID?
    /// Whether it is this member itself that answers there.
    var isOwn = false
}
