import Primitives
import Raft

extension Engine {
    /// What came of a command.
    @frozen
    public struct Result: Hashable, Sendable {
        /// The first outcome of the command; nil where it was not looked at, since its key said no.
        public var outcome: Machine.Outcome?
        /// What was decided about it.
        public var verdict: Verdict
        /// The entry that the outcome is of: for a replay the first one with the key, else the
        /// command's own.
        public var entry: EntryID
        /// Whether the outcome is that of an earlier entry with the same key.
        public var isReplay: Bool

        /// What came of the command at `entry`, or of an earlier one there.
        @inlinable
        public init(
            outcome: Machine.Outcome?, verdict: Verdict, entry: EntryID, isReplay: Bool
        ) {
            self.outcome = outcome
            self.verdict = verdict
            self.entry = entry
            self.isReplay = isReplay
        }
    }

    /// What is decided about a command where it is applied.
    @frozen
    public enum Verdict: UInt8, Hashable, Sendable {
        /// The machine has carried it out, or refused it by its own rules, as the outcome says.
        case carriedOut = 0
        /// The state's last change is none of those that its condition names; the outcome says how the
        /// state stands.
        case conditionFailed = 1
        /// Its key is known, with another command or condition.
        case keyReused = 2
        /// Its key is unknown and may have been evicted since its client first sent it.
        case keyExpired = 3
    }
}
