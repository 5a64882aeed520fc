import Founding
import Primitives
import Raft

/// What the records read so far amount to.
struct Replay: ~Copyable {
    /// The entries, behind the last one that only dropped segments or a snapshot hold.
    private(set) var log: EntryLog
    /// All but the entries, and not up to date in `last`.
    private var state = SegmentHead()
    /// The feature level of the newest snapshot, which is that of every base.
    private let level: FeatureLevel
    /// Whether the log's base came with a snapshot, and not with the end of the segments before.
    private var isBaseInstalled = false
    /// Where the last record lies, if that is a mark that may be written over.
    private(set) var markOffset: Int?

    /// Nothing was read, of a directory whose newest snapshot has that level.
    init(level: FeatureLevel) {
        self.level = level
        log = EntryLog()
    }

    /// What the head of a segment says that begins here.
    var head: SegmentHead {
        var head = state
        head.last = log.last
        return head
    }

    /// Takes in a record that verified, which lies at `offset` of `bytes`; false where it can't be
    /// true. A seal changes nothing here.
    mutating func apply(
        _ kind: RecordKind, _ record: RecordHeader, in bytes: [UInt8], at offset: Int
    ) -> Bool {
        let start = offset + RecordHeader.size
        let body = start..<start + record.bodyLength
        markOffset = kind == .mark ? offset : nil
        switch kind {
        case .noOperation: return apply(.noOperation, record, bytes, body)
        case .command: return apply(.command, record, bytes, body)
        case .featureLevel: return apply(.featureLevel, record, bytes, body)
        case .envelope: return apply(.envelope, record, bytes, body)
        case .base: return applyBase(record)
        case .mark:
            guard record.index <= log.lastIndex else { return false }
            state.commit = record.index
            return true
        case .hardState, .pledge, .founded, .seal, .start, .peerStart:
            return state.take(kind, record, in: bytes, body)
        }
    }

    private mutating func apply(
        _ kind: EntryKind, _ record: RecordHeader, _ bytes: [UInt8], _ payload: Range<Int>
    ) -> Bool {
        // The hard state comes first in a batch, so no entry is of a term after the server's own.
        guard record.index > .zero, record.index.previous <= log.lastIndex,
            record.term <= state.hardState.term
        else { return false }
        if kind == .featureLevel {
            guard FeatureLevel(payload: bytes, in: payload) != nil else { return false }
        }
        if kind == .featureLevel || kind == .envelope { state.isWritten = true }
        guard record.index > log.base.index else { return replaceBase(record) }
        guard record.term >= log.term(at: record.index.previous) else { return false }
        if record.index <= log.lastIndex { log.truncate(from: record.index) }
        log.append(term: record.term, kind: kind, payload: payload, of: bytes)
        return true
    }

    /// An entry replaces one that only dropped segments held. A snapshot holds both, so it is enough to
    /// know its name.
    private mutating func replaceBase(_ record: RecordHeader) -> Bool {
        guard record.index > state.commit else { return false }
        log.reset(to: EntryID(index: record.index, term: record.term), level: level)
        isBaseInstalled = false
        return true
    }

    private mutating func applyBase(_ record: RecordHeader) -> Bool {
        guard let base = state.base(record), base.index > state.commit else { return false }
        log.reset(to: base, level: level)
        isBaseInstalled = true
        state.commit = base.index
        state.isWritten = true
        return true
    }

    /// Begins with the head of the first segment that is read.
    mutating func begin(with head: SegmentHead) {
        state = head
        log.reset(to: head.last, level: level)
    }

    /// Takes in the head of another segment; false where it does not say what was read before.
    mutating func follow(_ head: SegmentHead) -> Bool {
        var own = self.head
        // The highest one noted, where the newest mark counts.
        own.commit = head.commit
        guard own == head else { return false }
        state.commit = head.commit
        markOffset = nil
        return true
    }

    /// Makes one of the log and the newest snapshot. Returns whether the log begins anew behind the
    /// snapshot's last entry, which the disk's log does not say yet. (docs/disk-format.md, "Recovery")
    mutating func join(_ found: FoundSnapshots, firstSegment: UInt64) throws(LogFault) -> Bool {
        let isReplaced = try isReplaced(by: found, firstSegment: firstSegment)
        guard let snapshot = found.newest, snapshot.last.index >= log.base.index else {
            return false
        }
        guard isReplaced else {
            log.compact(through: snapshot.last.index)
            return false
        }
        log.reset(to: snapshot.last, level: snapshot.level)
        if state.hardState.term < snapshot.last.term {
            // It is said to be committed, so its term has begun, and no vote was given in it here.
            state.hardState = HardState(term: snapshot.last.term, vote: nil)
        }
        return true
    }

    /// Whether the newest snapshot stands in place of the log: that ends before the snapshot's last
    /// entry, or holds another one there. Throws where one contradicts the other, or both do not make a
    /// whole.
    func isReplaced(by found: FoundSnapshots, firstSegment: UInt64) throws(LogFault) -> Bool {
        if let lost = found.damaged.first, lost > log.lastIndex { throw damage(lost, .snapshot) }
        guard let snapshot = found.newest, snapshot.last.index >= log.base.index else {
            if log.base == .zero { return false }
            throw uncovered(found, firstSegment: firstSegment)
        }
        let last = snapshot.last
        // A disk that was restored has its snapshot before there is a cluster.
        let isOwn = state.founding.record.map { $0.continues(snapshot.record) }
        guard isOwn ?? (snapshot.record.origin != nil) else {
            throw damage(last.index, .foreignSnapshot)
        }
        if log.contains(last) { return false }
        guard last.index > state.commit else { throw damage(last.index, .foreignSnapshot) }
        return true
    }

    /// That no snapshot stands for what the log lacks at its beginning.
    private func uncovered(_ found: FoundSnapshots, firstSegment: UInt64) -> LogFault {
        if let damaged = found.damaged.first { return damage(damaged, .snapshot) }
        if found.newest == nil || isBaseInstalled { return damage(log.base.index, .missing) }
        let missing = SegmentHeader.fileName(firstSegment - 1)
        return .damaged(
            Damage(file: missing, offset: 0, after: log.lastIndex, reason: .missing))
    }

    private func damage(_ snapshot: LogIndex, _ reason: Damage.Reason) -> LogFault {
        .damaged(
            Damage(
                file: SnapshotDirectory.fileName(snapshot), offset: 0, after: log.lastIndex,
                reason: reason))
    }

    /// How far the log is known to be committed: what a snapshot holds is.
    var commit: LogIndex { max(min(state.commit, log.lastIndex), log.base.index) }

    /// What the caller of `open` gets.
    consuming func recovered(snapshot: SnapshotFile?, tornTail: TornTail?) -> Recovered {
        let (state, commit) = (state, commit)
        return Recovered(
            hardState: state.hardState, log: log, snapshot: snapshot, founding: state.founding,
            commit: commit, starts: state.starts, peerStarts: state.peerStarts, isFresh: false,
            tornTail: tornTail)
    }
}
