import Primitives
import Founding
import Testing

@Suite struct FoundingDigestTests {
    private func record(_ cluster: String, _ members: (String, UInt64)...) throws -> FoundingRecord
    {
        let list = try members.map { name, disk in
            FoundingRecord.Member(node: try #require(NodeID(name)), disk: DiskID(disk))
        }
        return try #require(FoundingRecord(cluster: Array(cluster.utf8), members: list))
    }

    /// The example of docs/wire-format.md.
    @Test func theDigestIsThatOfThePage() throws {
        #expect(try record("example", ("n1", 161)).digest == 0x8016_fb49_844b_fb4b)
    }

    @Test func theDigestTellsRecordsApart() throws {
        let one = try record("c", ("a", 1), ("b", 2))
        #expect(try record("c", ("b", 2), ("a", 1)).digest == one.digest)
        let others = [
            try record("d", ("a", 1), ("b", 2)), try record("c", ("a", 2), ("b", 1)),
            try record("c", ("a", 1), ("c", 2)), try record("c", ("a", 1)),
        ]
        #expect(Set(others.map(\.digest) + [one.digest]).count == 5)
    }
}
