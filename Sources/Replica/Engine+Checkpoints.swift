import Raft
import Wire

/// At which indices an engine notes its hash, and what it has noted.
@usableFromInline
struct Checkpoints: Sendable {
    /// How many entries lie between two of them.
    private let interval: UInt64
    /// The index of the next one.
    @usableFromInline private(set) var next: UInt64
    /// The newest hashes that nobody has taken yet.
    private var noted: [StateHash] = []

    /// Checkpoints at the multiples of `interval` behind `applied`.
    @usableFromInline
    init(every interval: UInt64, behind applied: LogIndex) {
        precondition((1...1 << 32).contains(interval), "a checkpoint every \(interval) entries")
        self.interval = interval
        next = (applied.number / interval + 1) * interval
    }

    /// The entry at `next` was applied, which has led to that hash.
    @usableFromInline
    mutating func pass(_ hash: UInt64, at level: FeatureLevel) {
        // Below that level there are nodes that say no hash.
        if level >= .stateHashes {
            if noted.count == EngineLimits.checkpointsKept { noted.removeFirst() }
            noted.append(StateHash(index: LogIndex(next), hash: hash))
        }
        next += interval
    }

    /// The state after `last` is noted though that is no checkpoint.
    @usableFromInline
    mutating func note(_ hash: UInt64, after last: LogIndex) {
        guard noted.last?.index != last else { return }
        if noted.count == EngineLimits.checkpointsKept { noted.removeFirst() }
        noted.append(StateHash(index: last, hash: hash))
    }

    /// Hands the hashes over, the oldest first.
    @usableFromInline
    mutating func take() -> [StateHash] {
        if noted.isEmpty { return [] }
        defer { noted.removeAll() }
        return noted
    }
}

extension Engine {
    /// Notes the hash of the present state, whichever entry was the last.
    @inlinable
    public mutating func noteState() {
        guard last.index > .zero, currentLevel >= .stateHashes else { return }
        checkpoints.note(rollingHash, after: last.index)
    }

    /// Hands over what was noted since the last time, the oldest first, and at most
    /// `EngineLimits.checkpointsKept` of them: for `Replica.Event.stateHash`. A host that applies what is
    /// committed in every turn tells the others in time.
    @inlinable
    public mutating func takeCheckpoints() -> [StateHash] { checkpoints.take() }
}

extension FeatureLevel {
    /// From this level on nodes tell each other their hashes.
    @usableFromInline static let stateHashes = FeatureLevel(2)
}
