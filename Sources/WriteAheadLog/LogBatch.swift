import Founding
import Primitives
import Raft

/// Records that wait to be written together, in a buffer that is used again.
///
/// A batch is apart from its log, so that one thread can stage the next while another writes this one.
/// Where it will lie is known only when it is written: durable positions and checksums are filled in
/// then.
public struct LogBatch: Sendable {
    private var writer: ByteWriter
    private var verifier = RecordVerifier()
    /// What its records change.
    private(set) var changes = SegmentHead.Changes()

    /// The records (docs/disk-format.md, "Records"), without their checksums before they are written.
    public var bytes: [UInt8] { writer.bytes }
    /// How many bytes they take.
    public var count: Int { writer.count }

    /// Whether there are no records.
    public var isEmpty: Bool { writer.count == 0 }

    /// The index of the last entry staged, or of the base: with which the log ends once the batch is
    /// written. Nil where the batch holds neither.
    public var lastIndex: LogIndex? { changes.last?.index }

    /// A batch of no records.
    public init() { self.init(capacity: 16 << 10) }

    init(capacity: Int) { writer = ByteWriter(capacity: capacity) }

    /// Stages what the core wants on disk: the hard state, the base, then the entries; `log` is the
    /// core's log, which holds the entries. No crash leaves a base or an entry of a term after the
    /// server's own, since the hard state comes first.
    public mutating func append(_ write: Write, from log: borrowing EntryLog) {
        if let hardState = write.hardState { append(hardState) }
        if let base = write.base { append(base: base) }
        var cursor = TermCursor()
        for index in write.entries {
            let term = log.term(at: index, &cursor)
            log.withEntry(at: index) { kind, bytes, payload in
                append(RecordKind(kind), index: index, term: term, body: bytes, payload)
                if kind == .featureLevel || kind == .envelope { changes.needsHeads = true }
            }
        }
        guard !write.entries.isEmpty else { return }
        let last = write.entries.upperBound.previous
        changes.last = EntryID(index: last, term: log.term(at: last))
    }

    /// Stages that the log begins anew behind an entry, whose snapshot is on disk.
    public mutating func append(base: EntryID) {
        append(.base, index: base.index, term: base.term)
        changes.last = base
        changes.base = base.index
        changes.needsHeads = true
    }

    /// Adds a term and the vote in it.
    mutating func append(_ hardState: HardState) {
        append(.hardState, term: hardState.term, body: hardState.vote?.bytes ?? [])
        changes.hardState = hardState
    }

    /// Stages a pledge, or that the cluster is founded; not `newborn`, which has nothing to write.
    public mutating func append(founding: FoundingState) {
        var body = ByteWriter()
        founding.record?.encode(into: &body)
        switch founding {
        case .newborn: preconditionFailure("a newborn has nothing to write down")
        case .pledged: append(.pledge, body: body.bytes)
        case .founded: append(.founded, body: body.bytes)
        }
        changes.founding = founding
    }

    /// Adds a start of this node.
    mutating func append(_ start: Start) {
        var body = ByteWriter()
        body.write(start.nonce)
        append(.start, index: LogIndex(start.number), body: body.bytes)
        changes.starts.append(start)
    }

    /// Stages the newest start that was seen of another node.
    public mutating func append(peerStart seen: PeerStart) {
        var body = ByteWriter()
        body.writeShort(seen.node.bytes)
        body.write(seen.disk.number)
        body.write(seen.start.nonce)
        append(.peerStart, index: LogIndex(seen.start.number), body: body.bytes)
        changes.peerStarts.append(seen)
    }

    /// Adds one record whose body is all of `body`.
    mutating func append(
        _ kind: RecordKind, index: LogIndex = .zero, term: Term = .zero, body: [UInt8] = []
    ) {
        append(kind, index: index, term: term, body: body, 0..<body.count)
    }

    private mutating func append(
        _ kind: RecordKind, index: LogIndex, term: Term, body: [UInt8], _ range: Range<Int>
    ) {
        precondition(range.count <= RecordHeader.maximumBody, "a body of \(range.count) bytes")
        writer.write(UInt32(0))
        writer.write(UInt32(kind.rawValue) | UInt32(range.count) << 8)
        writer.write(index.number)
        writer.write(term.number)
        writer.write(UInt64(0))
        writer.bytes.append(contentsOf: body[range])
        writer.pad(to: 8)
    }

    /// Gives every record the durable position and its checksum, for a batch that is going to lie
    /// at `position`. It may be done again for another place.
    mutating func finish(at position: LogPosition, durable: LogPosition) {
        var offset = 0
        while let header = RecordHeader(writer.bytes.span, at: offset) {
            writer.overwrite(durable.bytes, at: offset + RecordHeader.durableOffset)
            let checksum = verifier.checksum(
                of: writer.bytes, at: offset, size: header.recordSize, position: position + offset)
            writer.overwrite(checksum, at: offset)
            offset += header.recordSize
        }
    }

    /// Drops all records and keeps the room they took.
    public mutating func removeAll() {
        changes = SegmentHead.Changes()
        writer.bytes.removeAll(keepingCapacity: true)
    }
}
