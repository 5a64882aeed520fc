import Calculator
import Primitives
import Raft
import Replica

/// An entry of a node's log, and what comes of it where it is applied.
public struct LoggedEntry: Hashable, Sendable {
    /// What the entry asks for.
    public enum Content: Hashable, Sendable {
        /// Nothing: a leader's first entry.
        case noOperation
        /// The cluster can do that level from here on.
        case featureLevel(UInt16)
        /// The value becomes this number.
        case set(Int64)
        /// The value grows by this number.
        case add(Int64)
        /// Bytes that are none of these, though they are as they were written.
        case unreadable
    }

    /// What comes of a command.
    public enum Outcome: Hashable, Sendable {
        /// The value was changed.
        case changed
        /// The sum leaves Int64, and the value stays.
        case overflow
        /// The last change is none of those that the condition names, and the value stays.
        case conditionFailed
        /// Its key came before with another command, and the value stays.
        case keyReused
        /// Its key may have been forgotten since the client sent it first, and the value stays.
        case keyExpired
    }

    /// The entry's index, from 1.
    public let index: UInt64
    /// Its term.
    public let term: UInt64
    /// What it asks for.
    public let content: Content
    /// The idempotency key, if there is one.
    public let key: String?
    /// The index that its client had seen before its first try.
    public let firstIndex: UInt64?
    /// The indices one of which the last change must have; nil for any.
    public let condition: [UInt64]?
    /// What comes of the command; nil for other entries, and where the state before is not known.
    public let outcome: Outcome?
    /// The index of the first entry with the same key, where the outcome is that one's.
    public let replayOf: UInt64?
    /// The value after the entry, nil where it is not known.
    public let value: Int64?
    /// Whether the directory knows the entry committed. One that it does not may be committed all the
    /// same, or never.
    public let isKnownCommitted: Bool
}

extension LoggedEntry {
    /// The entry `id`, whose payload is a range of `bytes`.
    init(
        _ id: EntryID, _ kind: EntryKind, _ bytes: [UInt8], _ payload: Range<Int>,
        result: Engine<Calculator>.Result?, value: Int64?, isKnownCommitted: Bool
    ) {
        let envelope = kind == .envelope ? Envelope(bytes, payload) : nil
        index = id.index.number
        term = id.term.number
        content = Content(kind, bytes, envelope?.command ?? payload)
        key = envelope.flatMap { envelope in
            envelope.key.isEmpty ? nil : String(decoding: bytes[envelope.key], as: UTF8.self)
        }
        firstIndex = envelope?.firstIndex
        condition = envelope?.condition
        outcome = result.map { Outcome($0) }
        replayOf = result.flatMap { $0.isReplay ? $0.entry.index.number : nil }
        self.value = value
        self.isKnownCommitted = isKnownCommitted
    }
}

extension LoggedEntry.Content {
    /// What an entry of that kind asks for; `payload` is its command's, without an envelope around it.
    init(_ kind: EntryKind, _ bytes: [UInt8], _ payload: Range<Int>) {
        switch kind {
        case .noOperation: self = payload.isEmpty ? .noOperation : .unreadable
        case .featureLevel:
            let level = FeatureLevel(payload: bytes, in: payload)
            self = level.map { .featureLevel($0.number) } ?? .unreadable
        case .command, .envelope:
            switch Calculator.Command(bytes: bytes, in: payload) {
            case .set(let number): self = .set(number)
            case .add(let number): self = .add(number)
            case nil: self = .unreadable
            }
        }
    }
}

extension LoggedEntry.Outcome {
    /// What the engine says in the words of this page.
    init(_ result: Engine<Calculator>.Result) {
        switch (result.verdict, result.outcome) {
        case (.keyReused, _): self = .keyReused
        case (.keyExpired, _): self = .keyExpired
        case (.conditionFailed, _): self = .conditionFailed
        case (.carriedOut, .overflow): self = .overflow
        case (.carriedOut, _): self = .changed
        }
    }
}
