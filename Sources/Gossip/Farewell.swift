import Primitives

/// A good-bye, until all that were told have acknowledged it or the time for it is over.
struct Farewell: Sendable {
    /// Who is told, and under which number.
    struct Listener: Sendable {
        let id: NodeID
        let number: UInt64
    }

    /// Those that have not acknowledged it.
    var listeners: [Listener]
    /// When they are told again.
    var again: Instant
    /// Whether they have been told by stream, too.
    var isOnStreams = false
    /// When it is over in any case.
    let end: Instant

    /// When the next thing is due; never where it is over.
    var next: Instant { listeners.isEmpty ? .never : min(again, end) }
}
