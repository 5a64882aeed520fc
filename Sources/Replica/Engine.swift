import Primitives
import Raft

/// A state machine and how far it has followed the log.
///
/// The replica decides what is committed; the engine applies it. It is generic and all inlinable, so
/// that a host's `Engine<Machine>` is compiled for its machine.
///
/// ```swift
/// let outcome = replica.withLog { engine.apply(through: entry.index, of: $0) }
/// ```
@frozen
public struct Engine<Machine: StateMachine>: Sendable {
    @usableFromInline var state: Machine
    @usableFromInline var last: EntryID

    /// The state after the entry `applied`.
    @inlinable
    public var machine: Machine { state }

    /// The last entry applied, no-ops included.
    @inlinable
    public var applied: EntryID { last }

    /// A machine that has applied nothing.
    @inlinable
    public init() {
        state = Machine()
        last = .zero
    }

    /// Applies every entry up to `index`, which must be committed; returns the outcome of the command
    /// at `index`. Nil where that entry is a no-op, or was applied before.
    @inlinable
    @discardableResult
    public mutating func apply(
        through index: LogIndex, of log: borrowing EntryLog
    ) -> Machine.Outcome? {
        guard last.index < index else { return nil }
        var outcome: Machine.Outcome?
        var next = last.index.next
        while next <= index {
            outcome = log.withEntry(at: next) { kind, bytes, payload in
                kind == .command ? state.apply(bytes, payload, at: next.number) : nil
            }
            next = next.next
        }
        last = EntryID(index: index, term: log.term(at: index))
        return outcome
    }
}
