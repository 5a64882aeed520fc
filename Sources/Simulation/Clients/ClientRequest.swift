import Calculator
import Primitives
import Raft
import Replica

/// What a client asks a node for.
enum ClientRequest: Hashable {
    case write(Calculator.Command)
    /// A write that is safe to repeat, or that rests on a condition.
    case guarded(Calculator.Command, WriteGuard)
    case read
    /// The value as the node has it, however old.
    case staleRead
    /// Leadership is to go to that node, or to any other.
    case transfer(to: NodeID?)

    /// What the request puts into the log; nil where that is nothing.
    var payload: ShadowPayload? {
        switch self {
        case .write(let command): .write(command)
        case .guarded(let command, let writeGuard): .guarded(command, writeGuard)
        case .read, .staleRead, .transfer: nil
        }
    }

    /// What a node is asked; nil for a stale read, which its host answers.
    var nodeRequest: Replica.Request<Calculator.Command>? {
        switch self {
        case .write(let command): .write(command)
        case .guarded(let command, let writeGuard): .guardedWrite(command, writeGuard)
        case .read: .read
        case .staleRead: nil
        case .transfer(let target): .transfer(to: target)
        }
    }
}

/// What a node's host tells a client.
enum ClientAnswer: Hashable {
    /// The value, and where in the log it stands.
    struct Receipt: Hashable {
        var value: Int64
        /// The entry whose outcome this is; for a read, the last one that had been applied.
        var entry: EntryID
        /// The index of the last command that took effect.
        var lastChange: LogIndex
        /// Where the request itself stands: behind `entry` where an earlier answer comes again.
        var place: LogIndex

        /// A receipt for what stands at `entry`, or at `place` for the second time.
        init(value: Int64, entry: EntryID, lastChange: LogIndex, place: LogIndex? = nil) {
            self.value = value
            self.entry = entry
            self.lastChange = lastChange
            self.place = place ?? entry.index
        }

        var isReplay: Bool { place != entry.index }
    }

    case value(Receipt)
    case overflow(Receipt)
    /// The last change is not one of those that the write was to follow.
    case conditionFailed(Receipt)
    /// The key stands for another command; the request stands at that index.
    case keyReused(LogIndex)
    /// The key may have been forgotten.
    case keyExpired(LogIndex)
    /// All other answers, as the node gives them.
    case other(Replica.Answer)
}
