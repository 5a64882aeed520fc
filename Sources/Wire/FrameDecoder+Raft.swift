import Primitives
import Raft

// What no correct core can send is refused here, so that the cores never compute with it. Each
// function takes one body and returns nil where it breaks the rules of `docs/wire-format.md`.
extension FrameDecoder {
    static func stateHash(from body: inout ByteReader) -> StateHash? {
        guard let index = body.readIndex(), index > .zero, let hash = body.read(UInt64.self) else {
            return nil
        }
        return StateHash(index: index, hash: hash)
    }

    static func preVoteRequest(from body: inout ByteReader) -> PreVoteRequest? {
        guard let term = body.readTerm(), let last = body.readEntryID(upTo: term) else {
            return nil
        }
        return PreVoteRequest(term: term, last: last)
    }

    static func preVoteReply(from body: inout ByteReader) -> PreVoteReply? {
        guard let term = body.readTerm(), let askedIn = body.readTerm(),
            let granted = body.readFlag()
        else { return nil }
        return PreVoteReply(term: term, askedIn: askedIn, granted: granted)
    }

    static func voteRequest(from body: inout ByteReader) -> VoteRequest? {
        // There are no candidates in term 0.
        guard let term = body.readTerm(), term > .zero, let last = body.readEntryID(upTo: term)
        else { return nil }
        return VoteRequest(term: term, last: last)
    }

    static func voteReply(from body: inout ByteReader) -> VoteReply? {
        guard let term = body.readTerm(), let granted = body.readFlag() else { return nil }
        return VoteReply(term: term, granted: granted)
    }

    static func appendEntries(from body: inout ByteReader) -> AppendEntries? {
        // There is no leader in term 0.
        guard let term = body.readTerm(), term > .zero,
            let previous = body.readEntryID(upTo: term), let commit = body.readIndex(),
            let round = body.readBounded(), let voidTransfers = body.readBounded(),
            let bytes = body.read(count: body.remaining),
            let entries = EntryBatch(bytes: bytes), fits(entries, behind: previous, upTo: term)
        else { return nil }
        return AppendEntries(
            term: term, previous: previous, commit: commit, round: round,
            voidTransfers: voidTransfers, entries: entries)
    }

    /// Whether the entries may follow `previous` in the log of a leader of `term`. A batch's terms
    /// never fall, so its first and last say it for all.
    private static func fits(
        _ entries: EntryBatch, behind previous: EntryID, upTo term: Term
    ) -> Bool {
        var offset = 0
        guard let first = entries.entry(at: &offset) else { return true }
        var newest = first.term
        while let entry = entries.entry(at: &offset) { newest = entry.term }
        return first.term >= previous.term && first.term > .zero && newest <= term
            && previous.index.number + UInt64(entries.count) < Limits.number
    }

    /// Whether the body of AppendEntries, which could not be read, is whole entries some of which are of
    /// a kind that this program does not know.
    static func hasNewerEntries(_ body: inout ByteReader) -> Bool {
        guard body.skip(count: FrameEncoder.appendEntriesOverhead) != nil else { return false }
        var hasNewer = false
        while body.remaining > 0 {
            guard body.read(UInt64.self) != nil, let kind = body.read(UInt8.self),
                let length = body.read(UInt32.self), body.skip(count: Int(length)) != nil
            else { return false }
            hasNewer = hasNewer || EntryKind(rawValue: kind) == nil
        }
        return hasNewer
    }

    static func appendReply(version: UInt8, from body: inout ByteReader) -> AppendReply? {
        guard let term = body.readTerm(), let round = body.readBounded(),
            let kind = body.read(UInt8.self), (kind == 2) == (version == 3),
            let outcome = outcome(kind, from: &body, upTo: term)
        else { return nil }
        return AppendReply(term: term, round: round, outcome: outcome, isDiskFull: kind == 2)
    }

    private static func outcome(
        _ kind: UInt8, from body: inout ByteReader, upTo term: Term
    ) -> AppendReply.Outcome? {
        switch kind {
        case 0, 2:
            return body.readIndex().map { .matched($0) }
        case 1:
            // An old leader's message is rejected wherever it starts, at zero and with a hint
            // beyond it, too; so neither bounds the other here.
            guard let rejected = body.readIndex(), let hint = body.readEntryID(upTo: term) else {
                return nil
            }
            return .conflict(rejected: rejected, hint: hint)
        default:
            return nil
        }
    }

    static func readIndexRequest(from body: inout ByteReader) -> ReadIndexRequest? {
        guard let term = body.readTerm(), let id = body.readReadID() else { return nil }
        return ReadIndexRequest(term: term, id: id)
    }

    static func readIndexReply(from body: inout ByteReader) -> ReadIndexReply? {
        guard let term = body.readTerm(), let id = body.readReadID(), let index = body.readIndex()
        else { return nil }
        return ReadIndexReply(term: term, id: id, index: index)
    }

    static func timeoutNow(from body: inout ByteReader) -> TimeoutNow? {
        // Only a leader says it, whose log ends with an entry of its own term.
        guard let term = body.readTerm(), term > .zero, let transfer = body.readBounded(),
            let last = body.readEntryID(upTo: term), last.term == term
        else { return nil }
        return TimeoutNow(term: term, transfer: transfer, last: last)
    }

    static func installSnapshot(from body: inout ByteReader) -> InstallSnapshot? {
        guard let term = body.readTerm(), term > .zero, let round = body.readBounded(),
            let last = body.readEntryID(upTo: term), last != .zero,
            let total = body.readBounded(), let offset = body.readBounded(),
            let bytes = body.read(count: body.remaining), offset + UInt64(bytes.count) <= total
        else { return nil }
        return InstallSnapshot(
            term: term, round: round, last: last, total: total, offset: offset, bytes: bytes)
    }

    static func snapshotReply(from body: inout ByteReader) -> SnapshotReply? {
        guard let term = body.readTerm(), let round = body.readBounded(),
            let last = body.readEntryID(upTo: term), last != .zero,
            let received = body.readBounded()
        else { return nil }
        return SnapshotReply(term: term, round: round, last: last, received: received)
    }
}

extension ByteReader {
    /// A number that arithmetic can't overflow.
    fileprivate mutating func readBounded() -> UInt64? {
        guard let number = read(UInt64.self), number < Limits.number else { return nil }
        return number
    }

    fileprivate mutating func readTerm() -> Term? { readBounded().map { Term($0) } }

    fileprivate mutating func readIndex() -> LogIndex? { readBounded().map { LogIndex($0) } }

    /// An entry of a log whose owner is in `term`, or what stands before the first entry: index
    /// and term zero, both or none.
    fileprivate mutating func readEntryID(upTo term: Term) -> EntryID? {
        guard let index = readIndex(), let made = readTerm(), made <= term,
            (index == .zero) == (made == .zero)
        else { return nil }
        return EntryID(index: index, term: made)
    }

    fileprivate mutating func readReadID() -> ReadID? {
        guard let nonce = read(UInt64.self), let counter = read(UInt64.self) else { return nil }
        return ReadID(nonce: nonce, counter: counter)
    }

    /// One byte that is 0 or 1.
    fileprivate mutating func readFlag() -> Bool? {
        switch read(UInt8.self) {
        case 0: false
        case 1: true
        default: nil
        }
    }
}
