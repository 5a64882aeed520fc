import Founding
import Primitives
import Raft
import Testing
import WriteAheadLog

@testable import Simulation

/// A procedure on a disk whose changes come one by one.
struct SteppedDiskTests {
    private static func snapshot(_ index: UInt64) -> Snapshot {
        Snapshot(
            last: EntryID(index: LogIndex(index), term: Term(1)), level: FeatureLevel(2),
            bytes: [1, 2, UInt8(truncatingIfNeeded: index)])
    }

    /// Saves a snapshot in steps; returns them, and the names after each.
    private static func save(
        _ index: UInt64, on disk: DiskState
    ) -> (changes: [DiskError.Operation], names: [[String]], end: SavedSnapshot.Progress) {
        var saving = SavedSnapshot(snapshot(index), installing: nil, on: disk)
        var changes: [DiskError.Operation] = []
        var names: [[String]] = []
        while true {
            let progress = saving.step()
            names.append(disk.names)
            guard case .goesOn(let change) = progress else { return (changes, names, progress) }
            changes.append(change)
        }
    }

    @Test func `a snapshot is saved in the steps that its page names`() throws {
        let disk = DiskState(number: DiskID(1), seed: 1)
        for index in [5, 6] as [UInt64] { _ = Self.save(index, on: disk) }
        let (changes, names, end) = Self.save(7, on: disk)
        guard case .done = end else {
            Issue.record("it ended with \(end)")
            return
        }
        #expect(changes == [.open, .write, .sync, .rename, .syncDirectory])
        #expect(names[0].contains("snapshot.new"))
        #expect(names[3].count == 3)
        #expect(
            names[5] == ["snapshot-\(6.padded(to: 20)).bin", "snapshot-\(7.padded(to: 20)).bin"])
        let file = try #require(disk.file(named: names[5][1]))
        #expect(disk.bytes(of: file) == Self.snapshot(7).bytes)
    }

    @Test func `a full disk ends it, and nothing half done is left`() {
        let disk = DiskState(number: DiskID(1), seed: 1)
        var saving = SavedSnapshot(Self.snapshot(5), installing: nil, on: disk)
        _ = saving.step()
        disk.trouble.isFull = true
        guard case .failed(let error) = saving.step() else {
            Issue.record("it went on")
            return
        }
        #expect(error.kind == .noSpace)
        #expect(disk.names.isEmpty)
    }
}
