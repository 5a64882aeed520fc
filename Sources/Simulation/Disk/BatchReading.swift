import Founding
import Primitives
import Raft

/// A second, simple reading of a batch of the log (docs/disk-format.md, "Records"): what will be on
/// disk once it is synced, by its bytes alone.
struct BatchReading {
    /// The newest term and vote in it.
    private(set) var hardState: HardState?
    /// Its entries, one after the other.
    private(set) var entries: [(index: LogIndex, term: Term, payload: ShadowPayload)] = []
    /// The newest founding state in it.
    private(set) var founding: FoundingState?
    private(set) var peerStarts: [PeerStart] = []
    /// Behind which entry it lets the log begin anew.
    private(set) var base: EntryID?
    /// Why it can't be read, if it can't.
    private(set) var fault: String?

    /// The first index that it writes.
    var firstIndex: LogIndex? { entries.first?.index }

    init(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        while reader.remaining > 0, fault == nil {
            guard reader.read(UInt32.self) != nil, let word = reader.read(UInt32.self),
                let index = reader.read(UInt64.self), let term = reader.read(UInt64.self),
                reader.read(UInt64.self) != nil,
                let body = reader.skip(count: Int(word >> 8)),
                reader.skip(count: (8 - body.count % 8) % 8) != nil
            else {
                fault = "it ends within a record"
                return
            }
            read(UInt8(word & 0xFF), index, Term(term), bytes, body)
        }
    }

    private mutating func read(
        _ kind: UInt8, _ index: UInt64, _ term: Term, _ bytes: [UInt8], _ range: Range<Int>
    ) {
        var body = ByteReader(bytes, in: range)
        switch kind {
        case 1: append(LogIndex(index), term, .noOperation, bytes, range)
        case 2: append(LogIndex(index), term, .command, bytes, range)
        case 3: hardState = HardState(term: term, vote: NodeID(bytes: bytes[range]))
        case 4: founding = FoundingRecord(from: &body).map { .pledged($0) }
        case 5: founding = FoundingRecord(from: &body).map { .founded($0) }
        case 9: readPeerStart(index, &body)
        case 10: append(LogIndex(index), term, .featureLevel, bytes, range)
        case 12:
            base = EntryID(index: LogIndex(index), term: term)
            if !entries.isEmpty { fault = "a base behind entries" }
        case 11: append(LogIndex(index), term, .envelope, bytes, range)
        default: fault = "a record of kind \(kind)"
        }
        if (kind == 4 || kind == 5) && founding == nil { fault = "a bad body" }
    }

    private mutating func append(
        _ index: LogIndex, _ term: Term, _ kind: EntryKind, _ bytes: [UInt8], _ range: Range<Int>
    ) {
        if let last = entries.last?.index ?? base?.index, index != last.next {
            fault = "entries with a gap"
        }
        guard let payload = ShadowPayload(kind, bytes, range) else {
            fault = "a bad body"
            return
        }
        entries.append((index, term, payload))
    }

    private mutating func readPeerStart(_ number: UInt64, _ body: inout ByteReader) {
        guard let text = body.readShort(), let node = NodeID(bytes: text),
            let disk = body.read(UInt64.self), let nonce = body.read(UInt64.self)
        else {
            fault = "a bad start"
            return
        }
        peerStarts.append(
            PeerStart(
                node: node, disk: DiskID(disk), start: Start(number: number, nonce: nonce)))
    }
}
