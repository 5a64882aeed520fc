import Primitives
import Raft
import Wire

/// A state machine, how far it has followed the log, and what the log says besides: the idempotency
/// keys with their first outcomes, the feature level, and a hash of all that was applied.
///
/// The replica decides what is committed; the engine applies it. It is generic and all inlinable, so
/// that a host's `Engine<Machine>` is compiled for its machine.
///
/// A copy costs next to nothing and shares its memory, so a host takes a snapshot by copying the
/// engine and encoding the copy elsewhere.
///
/// ```swift
/// let result = replica.withLog { engine.apply(through: entry.index, of: $0) }
/// ```
@frozen
public struct Engine<Machine: StateMachine>: Sendable {
    @usableFromInline var state: Machine
    @usableFromInline var last: EntryID
    @usableFromInline var currentLevel: FeatureLevel
    @usableFromInline var rollingHash: UInt64
    @usableFromInline var keys: KeyTable
    @usableFromInline var checkpoints: Checkpoints

    /// The state after the entry `applied`.
    @inlinable
    public var machine: Machine { state }

    /// The last entry applied, no-ops included.
    @inlinable
    public var applied: EntryID { last }

    /// The feature level after the entry `applied`.
    @inlinable
    public var level: FeatureLevel { currentLevel }

    /// Equal on two engines that applied the same entries with the same outcomes and states, whether
    /// from the first entry on or from a snapshot. Covers index, term, kind and payload of each entry,
    /// what it came to, and the machine's hash after it. Its function belongs to the feature level.
    @inlinable
    public var hash: UInt64 { rollingHash }

    /// How many idempotency keys are remembered.
    @inlinable
    public var keyCount: Int { keys.count }

    /// A machine that has applied nothing, remembers the newest `capacity` idempotency keys, and notes
    /// its hash every `checkpoint` entries. All nodes must have the same of both.
    ///
    /// - Parameter seed: a secret of this process, so that no client can choose keys that are slow to look
    ///   up. It decides nothing, and no snapshot holds it.
    @inlinable
    public init(
        keys capacity: Int = EngineLimits.keys, checkpoint: UInt64 = EngineLimits.checkpoint,
        seed: UInt64 = 0
    ) {
        state = Machine()
        last = .zero
        currentLevel = .initial
        rollingHash = 0
        keys = KeyTable(capacity: capacity, seed: seed)
        checkpoints = Checkpoints(every: checkpoint, behind: .zero)
    }

    /// Applies every entry up to `index`, which must be committed; returns what came of the command at
    /// `index`. Nil where that entry holds none, or was applied before.
    ///
    /// The log must reach back to the entry behind `applied`.
    @inlinable
    @discardableResult
    public mutating func apply(
        through index: LogIndex, of log: borrowing EntryLog
    ) -> Result? {
        guard last.index < index else { return nil }
        var result: Result?
        var cursor = TermCursor()
        while last.index < index {
            let next = last.index.next
            last = EntryID(index: next, term: log.term(at: next, &cursor))
            result = log.withEntry(at: next) { kind, bytes, payload in
                applyNext(kind, bytes, payload)
            }
        }
        return result
    }

    /// Applies the entry that `last` names already.
    @inlinable @inline(__always)
    mutating func applyNext(
        _ kind: EntryKind, _ bytes: [UInt8], _ payload: Range<Int>
    ) -> Result? {
        var digest = Digest()
        digest.mix(last.index.number, last.term.number)
        digest.mix(UInt64(kind.rawValue), 0)
        digest.mix(bytes, payload)
        var result: Result?
        switch kind {
        case .noOperation: break
        case .command:
            let outcome = state.apply(bytes, payload, at: last.index.number)
            result = Result(outcome: outcome, verdict: .carriedOut, entry: last, isReplay: false)
        case .featureLevel: raiseLevel(bytes, payload)
        case .envelope: result = applyEnvelope(bytes, payload)
        }
        if let result {
            let verdict = UInt64(result.verdict.rawValue) | (result.isReplay ? 1 << 8 : 0)
            digest.mix(verdict, result.outcome?.hash ?? 0)
        }
        fold(digest)
        if last.index.number == checkpoints.next {
            checkpoints.pass(rollingHash, at: currentLevel)
        }
        return result
    }

    /// Two hashes that differ differ for ever after, as long as the same entries follow: for one
    /// digest, this maps no two hashes to one.
    @inlinable @inline(__always)
    mutating func fold(_ digest: Digest) {
        var digest = digest
        digest.mix(state.hash, 0)
        rollingHash = (rollingHash ^ digest.value) &* 0x9E37_79B9_7F4A_7C15
        rollingHash ^= rollingHash &>> 32
    }

    @inlinable
    mutating func raiseLevel(_ bytes: [UInt8], _ payload: Range<Int>) {
        guard let level = FeatureLevel(payload: bytes, in: payload) else {
            preconditionFailure("entry \(last) holds no feature level")
        }
        currentLevel = max(currentLevel, level)
    }
}

/// Bounds of an engine's memory.
public enum EngineLimits {
    /// How many idempotency keys are remembered. It is the same on every node, since which key is known
    /// decides what is applied.
    public static let keys = 65_536
    /// After how many entries a node notes its hash and tells it to the others.
    public static let checkpoint: UInt64 = 1_024
    /// How many of the hashes that the host has not taken yet are kept: the newest.
    public static let checkpointsKept = 16
}
