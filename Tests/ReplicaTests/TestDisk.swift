import Founding
import Primitives
import Raft
import Replica

/// What a node's directory holds: all that was synced, and nothing else.
final class TestDisk {
    let node: NodeID
    let id: DiskID
    private(set) var founding = FoundingState.newborn
    private(set) var hardState = HardState.initial
    /// What was noted without a sync: an index known to be committed.
    var notedCommit = LogIndex.zero
    /// Where the log's entries begin.
    private(set) var base = EntryID.zero
    private var entries: [Entry] = []
    /// The newest snapshot.
    private(set) var snapshot: Snapshot?
    /// How often the node was started here, and what it remembers of the others' starts.
    private(set) var starts: StartHistory
    private(set) var peerStarts: [PeerStart]

    init(of node: NodeID, id: DiskID) {
        self.node = node
        self.id = id
        starts = StartHistory()
        peerStarts = []
    }

    /// A disk of a node that has been founded and has lived for a while.
    init(
        of node: NodeID, id: DiskID, founding: FoundingState, hardState: HardState = .initial,
        entries: [Entry] = [], notedCommit: LogIndex = .zero,
        starts: StartHistory = StartHistory(), peerStarts: [PeerStart] = []
    ) {
        self.node = node
        self.id = id
        self.founding = founding
        self.hardState = hardState
        self.entries = entries
        self.notedCommit = notedCommit
        self.starts = starts
        self.peerStarts = peerStarts
    }

    func carryOut(_ write: PendingWrite) {
        if let founding = write.founding {
            precondition(self.founding.record == nil || self.founding.record == founding.record)
            self.founding = founding
        }
        for seen in write.peerStarts {
            peerStarts.removeAll { $0.node == seen.node && $0.disk == seen.disk }
            peerStarts.append(seen)
        }
        if let base = write.base {
            precondition(base.index <= snapshot?.last.index ?? .zero, "no snapshot before \(base)")
            self.base = base
            entries = []
        }
        if let hardState = write.hardState { self.hardState = hardState }
        if !write.entries.isEmpty {
            entries.removeSubrange(Int(write.first.number - base.index.number - 1)...)
            entries += write.entries
        }
    }

    /// Loses the newest entries, though they were synced.
    func loseEntries(_ count: Int) { entries.removeLast(count) }

    /// Keeps a snapshot, unless there is a newer one.
    func save(_ snapshot: Snapshot) {
        if snapshot.last.index > self.snapshot?.last.index ?? .zero { self.snapshot = snapshot }
    }

    /// A process starts, and writes it down. Returns the starts before.
    func begin(nonce: UInt64) -> StartHistory {
        let earlier = starts
        starts.append(earlier.next(nonce: nonce))
        return earlier
    }

    /// A copy as it is now.
    func copy() -> TestDisk {
        let copy = TestDisk(
            of: node, id: id, founding: founding, hardState: hardState, entries: entries,
            notedCommit: notedCommit, starts: starts, peerStarts: peerStarts)
        (copy.base, copy.snapshot) = (base, snapshot)
        return copy
    }

    /// The log as a node reads it at its start: it begins behind the snapshot, anew where it does not reach
    /// that far or holds another entry there.
    func log() -> EntryLog {
        if let last = snapshot?.last, last.index > base.index {
            let covered = base.index.distance(to: last.index)
            let agrees = covered <= entries.count && entries[covered - 1].term == last.term
            entries.removeFirst(agrees ? covered : entries.count)
            base = last
        }
        var log = EntryLog(base: base, level: snapshot?.level ?? .initial)
        for entry in entries {
            log.append(
                term: entry.term, kind: entry.kind, payload: entry.payload.indices,
                of: entry.payload)
        }
        return log
    }
}

/// One entry, apart from any log.
struct Entry: Hashable {
    var term: Term
    var kind: EntryKind
    var payload: [UInt8]
}

/// A write that a node has asked for, with a copy of its entries: the node's log may change while
/// the disk is at work.
struct PendingWrite {
    let id: WriteID
    let founding: FoundingState?
    let peerStarts: [PeerStart]
    let base: EntryID?
    let hardState: HardState?
    let first: LogIndex
    let entries: [Entry]

    init(_ write: Replica.Effects.DiskWrite, log: borrowing EntryLog) {
        id = write.id
        founding = write.founding
        peerStarts = write.peerStarts
        base = write.log?.base
        hardState = write.log?.hardState
        let range = write.log?.entries ?? LogIndex(1)..<LogIndex(1)
        first = range.lowerBound
        var entries: [Entry] = []
        for index in range {
            entries.append(
                log.withEntry(at: index) { kind, bytes, payload in
                    Entry(term: log.term(at: index), kind: kind, payload: Array(bytes[payload]))
                })
        }
        self.entries = entries
    }
}
