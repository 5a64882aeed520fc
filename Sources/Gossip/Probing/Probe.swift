import Primitives

/// The question of a period: is that member there?
///
/// ```
/// │◀──── probe timeout ────▶│◀──── the rest of the period ────▶│
/// ping ─▶                   ping requests to k others ─▶        suspected, unless
///              ◀─ ack?      stream ─▶          ◀─ ack, nacks?   an ack has come
/// ```
struct Probe: Sendable {
    /// Drawn anew; an ack has to name it.
    let number: UInt64
    /// The member that is probed.
    let target: NodeID
    /// The member's incarnation as the ping left. If it has refuted meanwhile, it is
    /// there.
    let incarnation: UInt64
    /// When others are asked; nil once they are, or where there is an ack.
    var timeout: Instant?
    /// Whether there is an ack.
    var isAnswered = false
    /// Whether there is one on a stream.
    var isAnsweredOnStream = false
    /// Who was asked to try, and has not said that it is well.
    var silent: [NodeID] = []
    /// How many were asked to try.
    var asked = 0
}

/// Another member's probe that this one tries for it.
struct Relay: Sendable {
    /// The number of the own ping.
    let number: UInt64
    /// The member that is probed.
    let target: NodeID
    /// The number of the request.
    let requestNumber: UInt64
    /// Who asked.
    let requester: NodeID
    /// From where.
    let source: Address
    /// When it is given up.
    let end: Instant
}
