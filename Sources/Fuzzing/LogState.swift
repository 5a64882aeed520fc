import Founding
import Raft
import WriteAheadLog

/// What a log was opened to, as plain values.
struct LogState: Equatable {
    struct Entry: Equatable {
        var term: Term
        var kind: EntryKind
        var payload: [UInt8]
    }

    var hardState: HardState
    var snapshot: SnapshotFile?
    /// What stands before the entries.
    var base: EntryID
    /// The feature level at the log's end.
    var level: FeatureLevel
    var entries: [Entry] = []
    var founding: FoundingState
    var commit: LogIndex
    var starts: StartHistory
    var peerStarts: [PeerStart]

    /// The index of the last entry.
    var lastIndex: LogIndex { LogIndex(base.index.number + UInt64(entries.count)) }

    init(_ recovered: borrowing Recovered) {
        hardState = recovered.hardState
        snapshot = recovered.snapshot
        base = recovered.log.base
        level = recovered.log.level
        founding = recovered.founding
        commit = recovered.commit
        starts = recovered.starts
        peerStarts = recovered.peerStarts
        var index = recovered.log.firstIndex
        while index <= recovered.log.lastIndex {
            let term = recovered.log.term(at: index)
            recovered.log.withEntry(at: index) { kind, bytes, range in
                entries.append(Entry(term: term, kind: kind, payload: Array(bytes[range])))
            }
            index = index.next
        }
    }
}
