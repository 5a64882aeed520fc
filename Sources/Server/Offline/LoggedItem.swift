import Founding
import Primitives
import Raft
import WriteAheadLog

/// What a walk over a log shows.
public enum LoggedItem: Hashable, Sendable {
    /// An entry of the log; with the place of its record where records are shown, too.
    case entry(LoggedEntry, RecordPlace?)
    /// Another record, or one of an entry that a later one has replaced.
    case record(LoggedRecord)
}

/// Where a record lies.
public struct RecordPlace: Hashable, Sendable {
    /// The segment's file.
    public let file: String
    /// Where in it the record starts, in bytes.
    public let offset: Int
    /// Every byte before this position of the log was synced when the record was written.
    public let durable: UInt64

    init(_ record: InspectedRecord) {
        file = record.file
        offset = record.offset
        durable = record.durable.bytes
    }
}

/// A record of the log that is no entry of it.
public struct LoggedRecord: Hashable, Sendable {
    /// Where it lies.
    public let place: RecordPlace
    /// What kind of record it is, in the words of `docs/disk-format.md`.
    public let kind: String
    /// The record's index, whatever that means for its kind.
    public let index: UInt64
    /// The record's term, 0 where it has none.
    public let term: UInt64
    /// What it says, for people.
    public let text: String

    init(_ record: InspectedRecord) {
        place = RecordPlace(record)
        index = record.index.number
        term = record.term.number
        (kind, text) = LoggedRecord.words(for: record)
    }

    private static func words(for record: InspectedRecord) -> (kind: String, text: String) {
        switch record.content {
        case .entry:
            return ("entry", "an entry that a later one, or a snapshot, has replaced")
        case .hardState(let state):
            let vote = state.vote.map { "its vote for \($0)" } ?? "no vote yet"
            return ("hard-state", "term \(state.term.number), \(vote)")
        case .pledge(let record): return ("pledge", "pledged to found \(names(record))")
        case .founded(let record): return ("founded", "founded: \(names(record))")
        case .base:
            return ("base", "behind entry \(record.index.number) of term \(record.term.number)")
        case .mark: return ("mark", "known committed through \(record.index.number)")
        case .seal: return ("seal", "the log goes on in segment \(record.index.number)")
        case .start(let start):
            return ("start", "start \(start.number) of this node, nonce \(nonce(start))")
        case .peerStart(let seen):
            let start = "start \(seen.start.number), nonce \(nonce(seen.start))"
            return ("peer-start", "\(seen.node) on disk \(seen.disk) was seen: \(start)")
        }
    }

    private static func names(_ record: FoundingRecord) -> String {
        let voters = record.members.map { "\($0.node) on disk \($0.disk)" }
        let cluster = String(decoding: record.cluster, as: UTF8.self)
        let origin = record.origin.map {
            ", restored from the backup \($0.padded(to: 16, radix: 16))"
        }
        return "\(cluster) with \(voters.joined(separator: ", "))\(origin ?? "")"
    }

    private static func nonce(_ start: Start) -> String {
        start.nonce.padded(to: 16, radix: 16)
    }
}
