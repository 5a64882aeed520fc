import Founding
import Primitives
import Raft

/// What the records read so far amount to.
struct Replay: ~Copyable {
    private(set) var log = EntryLog()
    private(set) var hardState = HardState.initial
    private(set) var founding = FoundingState.newborn
    private(set) var starts = StartHistory()
    /// Sorted by node and disk.
    private(set) var peerStarts: [PeerStart] = []
    /// The commit index of the newest mark.
    private(set) var commit = LogIndex.zero
    /// Where the last record lies, if that is a mark.
    private(set) var markOffset: Int?

    /// No term reaches this; the terms of messages are bounded by the same, so that sums never
    /// overflow.
    private static let termLimit = Term(1 << 62)

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
        case .hardState: return applyHardState(record, bytes, body)
        case .pledge, .founded: return applyFounding(kind, bytes, body)
        case .mark:
            guard record.index <= log.lastIndex else { return false }
            commit = record.index
            return true
        case .seal: return true
        case .start: return applyStart(record, bytes, body)
        case .peerStart: return applyPeerStart(record, bytes, body)
        }
    }

    private mutating func apply(
        _ kind: EntryKind, _ record: RecordHeader, _ bytes: [UInt8], _ payload: Range<Int>
    ) -> Bool {
        // The hard state comes first in a batch, so no entry is of a term after the server's own.
        guard record.index > .zero, record.index.previous <= log.lastIndex,
            record.term >= log.term(at: record.index.previous), record.term <= hardState.term
        else { return false }
        if record.index <= log.lastIndex { log.truncate(from: record.index) }
        log.append(term: record.term, kind: kind, payload: payload, of: bytes)
        return true
    }

    private mutating func applyHardState(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        guard record.term >= hardState.term, record.term < Replay.termLimit else { return false }
        if body.isEmpty {
            hardState = HardState(term: record.term, vote: nil)
            return true
        }
        guard let vote = NodeID(bytes: bytes[body]) else { return false }
        hardState = HardState(term: record.term, vote: vote)
        return true
    }

    private mutating func applyFounding(
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

    private mutating func applyStart(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        var reader = ByteReader(bytes, in: body)
        let (number, overflow) = starts.count.addingReportingOverflow(1)
        guard !overflow, record.index.number == number, let nonce = reader.read(UInt64.self),
            reader.remaining == 0
        else { return false }
        starts.append(Start(number: number, nonce: nonce))
        return true
    }

    private mutating func applyPeerStart(
        _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) -> Bool {
        var reader = ByteReader(bytes, in: body)
        guard let node = reader.readNodeID(), let disk = reader.read(UInt64.self),
            let nonce = reader.read(UInt64.self), reader.remaining == 0
        else { return false }
        let start = Start(number: record.index.number, nonce: nonce)
        let seen = PeerStart(node: node, disk: DiskID(disk), start: start)
        guard let known = peerStarts.firstIndex(where: { !$0.isBefore(seen) }) else {
            peerStarts.append(seen)
            return true
        }
        guard !seen.isBefore(peerStarts[known]) else {
            peerStarts.insert(seen, at: known)
            return true
        }
        guard start.number > peerStarts[known].start.number else { return false }
        peerStarts[known] = seen
        return true
    }

    /// What the caller of `open` gets.
    consuming func recovered(commit: LogIndex, tornTail: TornTail?) -> Recovered {
        let (hardState, founding) = (hardState, founding)
        let (starts, peerStarts) = (starts, peerStarts)
        return Recovered(
            hardState: hardState, log: log, founding: founding, commit: commit, starts: starts,
            peerStarts: peerStarts, isFresh: false, tornTail: tornTail)
    }
}

extension PeerStart {
    /// Whether the node and disk come before the other's.
    fileprivate func isBefore(_ other: PeerStart) -> Bool {
        (node, disk) < (other.node, other.disk)
    }
}
