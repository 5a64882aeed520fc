import Founding
import Primitives
import Raft

// What the bodies of records say that are no entries; nil where they say nothing of the kind.

extension HardState {
    init?(_ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>) {
        let vote = NodeID(bytes: bytes[body])
        guard vote != nil || body.isEmpty else { return nil }
        self.init(term: record.term, vote: vote)
    }
}

extension FoundingRecord {
    init?(_ bytes: [UInt8], _ body: Range<Int>) {
        var reader = ByteReader(bytes, in: body)
        self.init(from: &reader)
        guard reader.remaining == 0 else { return nil }
    }
}

extension Start {
    init?(_ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>) {
        var reader = ByteReader(bytes, in: body)
        guard let nonce = reader.read(UInt64.self), reader.remaining == 0 else { return nil }
        self.init(number: record.index.number, nonce: nonce)
    }
}

extension PeerStart {
    init?(_ record: RecordHeader, _ bytes: [UInt8], _ body: Range<Int>) {
        var reader = ByteReader(bytes, in: body)
        guard let node = reader.readNodeID(), let disk = reader.read(UInt64.self),
            let nonce = reader.read(UInt64.self), reader.remaining == 0
        else { return nil }
        let start = Start(number: record.index.number, nonce: nonce)
        self.init(node: node, disk: DiskID(disk), start: start)
    }
}
