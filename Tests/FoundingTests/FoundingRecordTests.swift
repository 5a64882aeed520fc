import Founding
import Primitives
import Testing

@Suite struct FoundingRecordTests {
    private func member(_ name: String, _ disk: UInt64) throws -> FoundingRecord.Member {
        FoundingRecord.Member(node: try #require(NodeID(name)), disk: DiskID(disk))
    }

    @Test func hasOneSpelling() throws {
        let members = [try member("n2", 2), try member("n1", .max)]
        let record = try #require(FoundingRecord(cluster: Array("c".utf8), members: members))
        #expect(record.voters.map(\.description) == ["n1", "n2"])
        var writer = ByteWriter()
        record.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(FoundingRecord(from: &reader) == record && reader.remaining == 0)
        for cut in 0..<writer.count {
            var short = ByteReader(writer.bytes, in: 0..<cut)
            #expect(FoundingRecord(from: &short) == nil)
        }
        #expect(FoundingRecord(cluster: Array("c".utf8), members: members + members) == nil)
        #expect(FoundingRecord(cluster: [], members: members) == nil)
        #expect(FoundingRecord(cluster: Array("c".utf8), members: []) == nil)
    }
}
