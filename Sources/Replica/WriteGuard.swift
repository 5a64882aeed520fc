import Raft

/// What makes a write safe to repeat, and on which state it depends.
///
/// All of it is decided where the entry is applied, in the order of the log, so every node decides the
/// same, whichever one took the write.
public struct WriteGuard: Hashable, Sendable {
    /// How long an idempotency key may be, in bytes.
    public static let keyLength = 1...64
    /// How many indices a condition may name.
    public static let conditionCount = 0...16

    /// The idempotency key, see `isKey`; empty for none. A command under a key is carried out once, and
    /// its first outcome is the answer to each repetition.
    public var key: [UInt8]
    /// An index that the client saw before it sent the command for the first time: with it a key that
    /// was evicted meanwhile is recognized. Counts only with a key.
    public var firstIndex: UInt64?
    /// The command is carried out only where the state's last change stands at one of these indices;
    /// nil for always, none for never.
    public var condition: [UInt64]?

    /// What a client asked for; it must be within the limits above.
    public init(key: [UInt8] = [], firstIndex: UInt64? = nil, condition: [UInt64]? = nil) {
        self.key = key
        self.firstIndex = firstIndex
        self.condition = condition
    }

    /// Whether it guards anything: an unguarded write is a bare command.
    public var isEmpty: Bool { key.isEmpty && condition == nil }

    /// Whether the bytes are an idempotency key: 1 to 64 of visible ASCII, `!` to `~`.
    public static func isKey(_ bytes: some Collection<UInt8>) -> Bool {
        keyLength.contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension FeatureLevel {
    /// From here on a log may hold envelopes: idempotency keys and conditional writes.
    public static let guardedWrites = FeatureLevel(2)
}
