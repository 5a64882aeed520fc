import Primitives

/// The announcement that this member leaves, until all its recipients have acknowledged it or the time
/// for it is over.
struct LeaveAnnouncement: Sendable {
    /// A member that it goes to, and the number of its ping.
    struct Recipient: Sendable {
        let id: NodeID
        let number: UInt64
    }

    /// Those that have not acknowledged it.
    var recipients: [Recipient]
    /// When it is repeated.
    var again: Instant
    /// Whether it has been sent by stream, too.
    var isOnStreams = false
    /// When it is over in any case.
    let end: Instant

    /// When the next thing is due; never where it is over.
    var next: Instant { recipients.isEmpty ? .never : min(again, end) }
}
