import Primitives
import Raft

/// What a look at the entries that a peer sent has found.
enum EntryCheck: Hashable {
    /// This node understands all of them.
    case understood
    /// An entry is not what its kind says.
    case malformed
    /// An entry raises the cluster to a level that this program can't do.
    case needs(FeatureLevel)
}

extension Replica {
    /// Looks at the entries that a peer sends before they enter the log: every node applies what gets
    /// into it.
    func check(_ message: Message) -> EntryCheck {
        guard case .appendEntries(let append) = message else { return .understood }
        var offset = 0
        while let entry = append.entries.entry(at: &offset) {
            let check = check(entry.kind, append.entries.bytes, entry.payload)
            if check != .understood { return check }
        }
        return .understood
    }

    private func check(_ kind: EntryKind, _ bytes: [UInt8], _ payload: Range<Int>) -> EntryCheck {
        switch kind {
        case .noOperation: return payload.isEmpty ? .understood : .malformed
        case .command: return isCommand(bytes, payload) ? .understood : .malformed
        case .featureLevel:
            guard let level = FeatureLevel(payload: bytes, in: payload) else { return .malformed }
            return level <= newestLevel ? .understood : .needs(level)
        case .envelope:
            guard let envelope = Envelope(bytes, payload), isCommand(bytes, envelope.command)
            else { return .malformed }
            return .understood
        }
    }
}
