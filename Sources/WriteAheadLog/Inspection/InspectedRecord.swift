import Founding
import Raft

/// A record of the log that verified, for people who want to see what lies where.
public struct InspectedRecord: Hashable, Sendable {
    /// What a record says. Entries are in the log, which has their payloads.
    public enum Content: Hashable, Sendable {
        /// An entry of that kind, at the record's index and term.
        case entry(EntryKind)
        /// The node's term and vote.
        case hardState(HardState)
        /// The disk will belong to this cluster.
        case pledge(FoundingRecord)
        /// All disks of the record have pledged to it.
        case founded(FoundingRecord)
        /// The log has held, or holds, all up to the entry of the record's index and term.
        case base
        /// All before the record was synced, and the log is committed through its index.
        case mark
        /// The segment ends, and the log goes on in the one whose number is the record's index.
        case seal
        /// The node started.
        case start(Start)
        /// Another node was seen to have started.
        case peerStart(PeerStart)
    }

    /// The number of the segment.
    public let segment: UInt64
    /// Where in the segment it starts, in bytes.
    public let offset: Int
    /// The entry's index, or what else the kind of record says there.
    public let index: LogIndex
    /// The entry's term; zero for most other kinds.
    public let term: Term
    /// Every byte before this position of the log was synced when the record was written.
    public let durable: LogPosition
    /// What it says.
    public let content: Content

    /// The name of the segment's file.
    public var file: String { SegmentHeader.fileName(segment) }
}

extension InspectedRecord {
    /// What lies at `offset` of a segment with those bytes: a record that recovery has taken in.
    init(
        _ kind: RecordKind, _ record: RecordHeader, in bytes: [UInt8], at offset: Int,
        of segment: UInt64
    ) {
        let start = offset + RecordHeader.size
        guard let content = Content(kind, record, bytes, start..<start + record.bodyLength) else {
            preconditionFailure("a record at \(offset) of segment \(segment) that was not checked")
        }
        self.segment = segment
        self.offset = offset
        index = record.index
        term = record.term
        durable = record.durable
        self.content = content
    }
}

extension InspectedRecord.Content {
    /// Nil where the body is not what the kind says.
    fileprivate init?(
        _ kind: RecordKind, _ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>
    ) {
        let content: Self? =
            switch kind {
            case .noOperation: .entry(.noOperation)
            case .command: .entry(.command)
            case .featureLevel: .entry(.featureLevel)
            case .envelope: .entry(.envelope)
            case .hardState: HardState(record, bytes, body).map { .hardState($0) }
            case .pledge: FoundingRecord(bytes, body).map { .pledge($0) }
            case .founded: FoundingRecord(bytes, body).map { .founded($0) }
            case .base: .base
            case .mark: .mark
            case .seal: .seal
            case .start: Start(record, bytes, body).map { .start($0) }
            case .peerStart: PeerStart(record, bytes, body).map { .peerStart($0) }
            }
        guard let content else { return nil }
        self = content
    }
}
