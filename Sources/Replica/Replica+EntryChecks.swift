import Primitives
import Raft

/// What a look at an entry has found: whether it is what its kind says.
public enum EntryCheck: Hashable, Sendable {
    /// This program understands it.
    case understood
    /// It is not what its kind says.
    case malformed
    /// It raises the cluster to a level that this program can't do.
    case needs(FeatureLevel)

    /// Looks at the entry of that kind whose payload is a range of `bytes`, as a program whose highest
    /// feature level is `newest`.
    public init(
        _ kind: EntryKind, _ bytes: [UInt8], _ payload: Range<Int>,
        newest: FeatureLevel = .current, isCommand: ([UInt8], Range<Int>) -> Bool
    ) {
        switch kind {
        case .noOperation: self = payload.isEmpty ? .understood : .malformed
        case .command: self = isCommand(bytes, payload) ? .understood : .malformed
        case .featureLevel:
            guard let level = FeatureLevel(payload: bytes, in: payload) else {
                self = .malformed
                return
            }
            self = level <= newest ? .understood : .needs(level)
        case .envelope:
            guard let envelope = Envelope(bytes, payload), isCommand(bytes, envelope.command)
            else {
                self = .malformed
                return
            }
            self = .understood
        }
    }
}

extension Replica {
    /// Looks at the entries that a peer sends before they enter the log: every node applies what gets
    /// into it.
    func check(_ message: Message) -> EntryCheck {
        guard case .appendEntries(let append) = message else { return .understood }
        var offset = 0
        while let entry = append.entries.entry(at: &offset) {
            let check = EntryCheck(
                entry.kind, append.entries.bytes, entry.payload, newest: newestLevel,
                isCommand: isCommand)
            if check != .understood { return check }
        }
        return .understood
    }
}
