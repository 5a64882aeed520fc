import Founding
import Primitives
import Raft

/// What a log amounts to besides its entries: what a segment says at its head, so that the segments
/// before it may go (docs/disk-format.md, "The head of a segment").
struct SegmentHead: Equatable {
    /// The last entry written.
    var last = EntryID.zero
    var hardState = HardState.initial
    var founding = FoundingState.newborn
    var starts = StartHistory()
    /// Sorted by node and disk.
    var peerStarts: [PeerStart] = []
    /// The highest commit index noted.
    var commit = LogIndex.zero
    /// Whether the log holds what only a program that reads heads can read. Before that a new segment
    /// has no head, so that an older program still opens the directory.
    var isWritten = false

    /// No index and no term reaches this; those of messages are bounded by the same, so that sums
    /// never overflow.
    private static let limit: UInt64 = 1 << 62

    /// Takes in a record that is no entry and no base; false where it can't be true behind those
    /// before. A mark and a seal change nothing here.
    mutating func take(
        _ kind: RecordKind, _ record: RecordHeader, in bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        switch kind {
        case .hardState: takeHardState(record, bytes, body)
        case .pledge, .founded: takeFounding(kind, bytes, body)
        case .start: takeStart(record, bytes, body)
        case .peerStart: takePeerStart(record, bytes, body)
        case .mark, .seal: true
        case .noOperation, .command, .featureLevel, .envelope, .base: false
        }
    }

    /// The entry that a base names, or nil where there can't be such an entry.
    func base(_ record: RecordHeader) -> EntryID? {
        guard record.index.number < SegmentHead.limit, record.term <= hardState.term,
            record.bodyLength == 0
        else { return nil }
        return EntryID(index: record.index, term: record.term)
    }

    private mutating func takeHardState(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        guard record.term >= hardState.term, record.term < Term(SegmentHead.limit) else {
            return false
        }
        let vote = NodeID(bytes: bytes[body])
        guard vote != nil || body.isEmpty else { return false }
        hardState = HardState(term: record.term, vote: vote)
        return true
    }

    private mutating func takeFounding(
        _ kind: RecordKind, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        var reader = ByteReader(bytes, in: body)
        guard let record = FoundingRecord(from: &reader), reader.remaining == 0,
            founding.record == nil || founding.record == record
        else { return false }
        if kind == .founded {
            founding = .founded(record)
        } else if founding == .newborn {
            founding = .pledged(record)
        }
        return true
    }

    private mutating func takeStart(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        var reader = ByteReader(bytes, in: body)
        guard let nonce = reader.read(UInt64.self), reader.remaining == 0 else { return false }
        return note(Start(number: record.index.number, nonce: nonce))
    }

    private mutating func takePeerStart(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        var reader = ByteReader(bytes, in: body)
        guard let node = reader.readNodeID(), let disk = reader.read(UInt64.self),
            let nonce = reader.read(UInt64.self), reader.remaining == 0
        else { return false }
        let start = Start(number: record.index.number, nonce: nonce)
        return note(PeerStart(node: node, disk: DiskID(disk), start: start))
    }

    /// Adds a start of this node; false where it is not the next one.
    private mutating func note(_ start: Start) -> Bool {
        let (number, overflow) = starts.count.addingReportingOverflow(1)
        guard !overflow, start.number == number else { return false }
        starts.append(start)
        return true
    }

    /// Adds a start of a peer; false where it is no later one than is known of its disk.
    private mutating func note(_ seen: PeerStart) -> Bool {
        guard let known = peerStarts.firstIndex(where: { !$0.isBefore(seen) }) else {
            peerStarts.append(seen)
            return true
        }
        guard !seen.isBefore(peerStarts[known]) else {
            peerStarts.insert(seen, at: known)
            return true
        }
        guard seen.start.number > peerStarts[known].start.number else { return false }
        peerStarts[known] = seen
        return true
    }

    /// Takes in a batch that was written.
    mutating func note(_ changes: Changes) {
        if let state = changes.hardState { hardState = state }
        if let last = changes.last { self.last = last }
        if let base = changes.base { commit = max(commit, base) }
        if let state = changes.founding { founding = state }
        for start in changes.starts { _ = note(start) }
        for seen in changes.peerStarts { _ = note(seen) }
        if changes.needsHeads { isWritten = true }
    }

    /// What the records of a batch change.
    struct Changes: Sendable {
        var last: EntryID?
        var base: LogIndex?
        var hardState: HardState?
        var founding: FoundingState?
        var starts: [Start] = []
        var peerStarts: [PeerStart] = []
        var needsHeads = false
    }
}

extension SegmentHead {
    /// The records of the head, without their checksums.
    var batch: LogBatch {
        var batch = LogBatch(capacity: 1024)
        batch.append(hardState)
        batch.append(base: last)
        if founding != .newborn { batch.append(founding: founding) }
        let first = starts.count - UInt64(starts.nonces.count)
        for (position, nonce) in starts.nonces.reversed().enumerated() {
            batch.append(Start(number: first + UInt64(position) + 1, nonce: nonce))
        }
        for seen in peerStarts { batch.append(peerStart: seen) }
        batch.append(.mark, index: commit)
        return batch
    }

    /// Reads a head record by record.
    struct Parser {
        private(set) var head = SegmentHead()
        /// The place in the order of records that was reached, counted from 1.
        private var reached = 0

        init() { head.isWritten = true }

        /// Whether all that every head has was there.
        var isWhole: Bool { reached == 6 }

        private static func place(_ kind: RecordKind) -> Int? {
            switch kind {
            case .hardState: 1
            case .base: 2
            case .pledge, .founded: 3
            case .start: 4
            case .peerStart: 5
            case .mark: 6
            case .noOperation, .command, .featureLevel, .envelope, .seal: nil
            }
        }

        /// Takes in the next record; false where a head has none such there.
        mutating func take(
            _ kind: RecordKind, _ record: RecordHeader, in bytes: [UInt8], at offset: Int
        ) -> Bool {
            let isMany = kind == .start || kind == .peerStart
            guard let place = Parser.place(kind), place > reached || (place == reached && isMany),
                reached >= 2 || place == reached + 1
            else { return false }
            reached = place
            let start = offset + RecordHeader.size
            switch kind {
            case .base:
                guard let last = head.base(record) else { return false }
                head.last = last
            case .mark:
                guard record.index <= head.last.index else { return false }
                head.commit = record.index
            default:
                if kind == .start, head.starts.count == 0 {
                    // Those before the newest are forgotten.
                    guard (1..<SegmentHead.limit).contains(record.index.number),
                        let starts = StartHistory(count: record.index.number - 1, nonces: [])
                    else { return false }
                    head.starts = starts
                }
                return head.take(kind, record, in: bytes, start..<start + record.bodyLength)
            }
            return true
        }
    }
}

extension PeerStart {
    /// Whether the node and disk come before the other's.
    fileprivate func isBefore(_ other: PeerStart) -> Bool {
        (node, disk) < (other.node, other.disk)
    }
}
