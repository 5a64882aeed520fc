/// A change to a state machine, as clients ask for it.
public protocol LogCommand: Hashable, Sendable {
    /// Appends the command's bytes as they stand in a log entry's payload.
    func append(to bytes: inout [UInt8])
}

/// What a command came to: all that its client is told.
///
/// Its bytes are what is kept for clients that repeat a write, in memory and in snapshots.
public protocol LogOutcome: Hashable, Sendable {
    /// Appends the outcome's bytes, at most 65,535 of them; equal bytes for equal outcomes alone.
    func append(to bytes: inout [UInt8])

    /// The outcome spelt by that range of `bytes`, which lies within them; nil where the range is not
    /// exactly what `append` writes.
    init?(bytes: [UInt8], in range: Range<Int>)

    /// Equal for equal outcomes; for comparing nodes, not for security. It is asked for at every
    /// command.
    var hash: UInt64 { get }
}

/// What is replicated: a value that changes only by the commands of the log, in their order.
///
/// The same commands at the same indices must give the same state, outcomes and hash on every node
/// and at every replay, so an implementation uses no clock, no randomness and no hashed collection's
/// order.
public protocol StateMachine: Sendable {
    /// A change that clients can ask for.
    associatedtype Command: LogCommand
    /// What a command came to.
    associatedtype Outcome: LogOutcome

    /// The state before the first entry.
    init()

    /// Whether that range of `bytes` is exactly one command. What a peer sends is checked with this
    /// before it enters the log.
    static func isCommand(_ bytes: [UInt8], _ range: Range<Int>) -> Bool

    /// Applies the command that stands at `index` of the log, an index beyond all applied before.
    /// The range has passed `isCommand`.
    mutating func apply(_ bytes: [UInt8], _ range: Range<Int>, at index: UInt64) -> Outcome

    /// The index of the last command that took effect; 0 before the first one. A conditional write
    /// names the states on which it depends by this.
    var lastChange: UInt64 { get }

    /// What a command comes to whose condition does not hold: the state as it stands.
    func refusal() -> Outcome

    /// The whole state as bytes that carry their version and checksum.
    var snapshot: [UInt8] { get }

    /// The state that a snapshot holds; nil where its bytes are damaged or of another version.
    init?(snapshot: [UInt8])

    /// Equal for equal states; for comparing nodes, not for security.
    var hash: UInt64 { get }
}
