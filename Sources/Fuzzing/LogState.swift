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
    var entries: [Entry] = []
    var founding: FoundingState
    var commit: LogIndex
    var starts: StartHistory
    var peerStarts: [PeerStart]

    init(_ recovered: borrowing Recovered) {
        hardState = recovered.hardState
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
