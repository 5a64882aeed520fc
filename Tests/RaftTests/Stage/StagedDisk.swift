import Primitives
import Testing

@testable import Raft

/// What one server's disk holds once it is synced.
struct StagedDisk: Hashable {
    var hardState = HardState.initial
    /// Where the log begins.
    var base = EntryID.zero
    var entries: [StagedEntry] = []
    /// The newest snapshot; its bytes are the text of all entries that it stands for.
    var snapshot: Snapshot?

    /// A disk whose log, and the snapshot before it, texts like `1:- 1:a` spell; its term is at least
    /// that of the last entry.
    init(
        snapshot: String? = nil, log: String = "", term: UInt64 = 0, vote: NodeID? = nil
    ) {
        entries = StagedEntry.entries(log)
        self.snapshot = snapshot.map { Snapshot($0) }
        base = self.snapshot?.last ?? .zero
        let last = entries.last?.term ?? base.term
        hardState = HardState(term: max(Term(term), last), vote: vote)
    }

    mutating func apply(_ write: StagedWrite) {
        if let new = write.base {
            base = new
            entries = []
        }
        if let new = write.hardState { hardState = new }
        guard !write.entries.isEmpty else { return }
        let position = base.index.next.distance(to: write.first)
        guard (0...entries.count).contains(position) else {
            Issue.record("a write from \(write.first) on, behind \(base) and \(entries.count)")
            return
        }
        entries.removeSubrange(position...)
        entries += write.entries
    }

    /// What a start makes of it: the newest snapshot, and the log behind that. Where the log ends before
    /// the snapshot or contradicts it, it begins anew there.
    var recovered: (base: EntryID, entries: [StagedEntry]) {
        guard let last = snapshot?.last, last.index > base.index else { return (base, entries) }
        let covered = base.index.distance(to: last.index)
        guard covered <= entries.count, entries[covered - 1].term == last.term else {
            return (last, [])
        }
        return (last, Array(entries[covered...]))
    }
}

/// A write with the entries that it had when the core asked for it.
struct StagedWrite: Hashable {
    var id: WriteID
    var base: EntryID?
    var hardState: HardState?
    var first: LogIndex
    var entries: [StagedEntry]
}

extension Snapshot {
    /// The stage's snapshots hold the text of all entries that they stand for.
    init(_ text: String) {
        let entries = StagedEntry.entries(text)
        let last = EntryID(
            index: LogIndex(UInt64(entries.count)), term: entries.last?.term ?? .zero)
        self.init(last: last, level: .initial, bytes: Array(text.utf8))
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
