import Primitives
import Raft

/// Records that wait to be written together, in a buffer that is used again.
///
/// Where the batch will lie is known only when it is written, so durable positions and checksums
/// are filled in then.
struct Batch {
    private var writer = ByteWriter(capacity: 16 << 10)
    private var verifier = RecordVerifier()

    /// The records.
    var bytes: [UInt8] { writer.bytes }
    /// How many bytes they take.
    var count: Int { writer.count }
    /// Whether there are none.
    var isEmpty: Bool { writer.count == 0 }

    /// Adds what the core wants on disk: the hard state, then the entries.
    mutating func append(_ write: Write, from log: borrowing LogTail) {
        if let hardState = write.hardState {
            append(.hardState, term: hardState.term, body: hardState.vote?.bytes ?? [])
        }
        var cursor = TermCursor()
        for index in write.entries {
            let term = log.term(at: index, &cursor)
            log.withEntry(at: index) { kind, bytes, payload in
                append(RecordKind(kind), index: index, term: term, body: bytes, payload)
            }
        }
    }

    /// Adds a pledge, or that the cluster is founded; a newborn has nothing to write.
    mutating func append(_ founding: FoundingState) {
        var body = ByteWriter()
        founding.record?.encode(into: &body)
        switch founding {
        case .newborn: preconditionFailure("a newborn has nothing to write down")
        case .pledged: append(.pledge, body: body.bytes)
        case .founded: append(.founded, body: body.bytes)
        }
    }

    /// Adds a start of this node.
    mutating func append(_ start: Start) {
        var body = ByteWriter()
        body.write(start.nonce)
        append(.start, index: LogIndex(start.number), body: body.bytes)
    }

    /// Adds the newest start that was seen of another node.
    mutating func append(_ seen: PeerStart) {
        var body = ByteWriter()
        body.writeShort(seen.node.bytes)
        body.write(seen.disk.number)
        body.write(seen.start.nonce)
        append(.peerStart, index: LogIndex(seen.start.number), body: body.bytes)
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
    mutating func removeAll() {
        writer.bytes.removeAll(keepingCapacity: true)
    }
}
