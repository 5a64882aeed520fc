import Founding
import Primitives
import Testing

/// Records of clusters that were restored from a backup.
@Suite struct OriginTests {
    private func record(_ disk: UInt64, origin: UInt64? = nil) throws -> FoundingRecord {
        let member = FoundingRecord.Member(node: try #require(NodeID("n1")), disk: DiskID(disk))
        return try #require(
            FoundingRecord(cluster: Array("c".utf8), members: [member], origin: origin))
    }

    private func bytes(_ record: FoundingRecord) -> [UInt8] {
        var writer = ByteWriter()
        record.encode(into: &writer)
        return writer.bytes
    }

    @Test func aRecordWithoutAnOriginIsSpeltAsBefore() throws {
        #expect(
            bytes(try record(0xA1))
                == [1, 99, 1, 2, 110, 49, 0xA1, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            bytes(try record(0xA1, origin: 0x0807_0605_0403_0201))
                == [1, 99, 0x81, 2, 110, 49, 0xA1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func whatIsReadIsWhatWasWritten() throws {
        for origin in [nil, 1, UInt64.max] {
            let spelt = bytes(try record(7, origin: origin))
            // Something may follow a record.
            var reader = ByteReader(spelt + [9])
            #expect(FoundingRecord(from: &reader) == (try record(7, origin: origin)))
            #expect(reader.remaining == 1)
            for length in spelt.indices {
                var cut = ByteReader(Array(spelt[..<length]))
                #expect(FoundingRecord(from: &cut) == nil)
            }
        }
        var zero = ByteReader(
            bytes(try record(7, origin: 5)).dropLast(8) + [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(FoundingRecord(from: &zero) == nil)
    }

    @Test func onlyTheSameOriginContinuesAnotherRecord() throws {
        let restored = try record(1, origin: 5)
        #expect(restored.continues(try record(2, origin: 5)))
        #expect(!restored.continues(try record(1, origin: 6)))
        #expect(!restored.continues(try record(1)))
        #expect(!(try record(1)).continues(restored))
        #expect(!(try record(1)).continues(try record(2)))
        #expect(try record(1).continues(try record(1)))
        #expect(
            Set([restored.digest, try record(1).digest, try record(2, origin: 5).digest]).count == 3
        )
    }
}
