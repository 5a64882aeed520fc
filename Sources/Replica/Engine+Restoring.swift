import Primitives
import Raft

extension Engine {
    /// The state of an engine that begins a new life of the cluster at the entry `last`, which lies beyond
    /// all entries of the life before.
    ///
    /// The keys of that life are forgotten, and count as evicted: a write whose client says that it began
    /// before `last` is refused, not carried out a second time.
    public init(restoring machine: Machine, level: FeatureLevel, hash: UInt64, at last: EntryID) {
        precondition(machine.lastChange <= last.index.number, "a change after \(last)")
        state = machine
        self.last = last
        currentLevel = level
        rollingHash = hash
        keys = KeyTable(capacity: EngineLimits.keys, newestEvicted: last.index)
        checkpoints = Checkpoints(every: EngineLimits.checkpoint, behind: last.index)
    }
}
