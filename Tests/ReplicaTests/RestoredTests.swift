import Founding
import Primitives
import Raft
import Replica
import Testing
import Wire

/// Nodes whose disks were restored from a backup, and found a cluster only with others of the same.
struct RestoredTests {
    private func stage(_ origins: [UInt64?]) -> (stage: Stage, boxes: [Box]) {
        let stage = Stage(founders: origins.count)
        let boxes = origins.enumerated().map { position, origin in
            stage.start(stage.freshDisk(position + 1), origin: origin)
        }
        stage.run(milliseconds: 5_000)
        return (stage, boxes)
    }

    private func isFounded(_ box: Box) -> Bool {
        if case .founded = box.founding { true } else { false }
    }

    /// What the box was told, or has told others, about who does not belong.
    private func refusals(at box: Box) -> [String] {
        box.notices.compactMap { notice in
            switch notice {
            case .refused(_, let refusal, _), .rejected(_, let refusal, _):
                #expect(refusal.reason == .otherRecord)
                return String(decoding: refusal.detail, as: UTF8.self)
            default: return nil
            }
        }
    }

    @Test func nodesOfOneBackupFoundAClusterThatSaysSo() {
        let (stage, boxes) = stage([5, 5, 5])
        #expect(boxes.allSatisfy { isFounded($0) && $0.founding.record?.origin == 5 })
        #expect(stage.elect() != nil)
        #expect(stage.violations == [])
    }

    @Test(arguments: [nil, 6 as UInt64?])
    func anotherBackupOrNoneIsRefused(other: UInt64?) {
        let (stage, boxes) = stage([5, 5, other])
        #expect(boxes.allSatisfy { stage.isUp($0) && $0.founding == .newborn })
        // Whichever of two calls the other, both hear why they don't come together.
        let text =
            other == nil
            ? "n3 was not restored from a backup"
            : "n3 was restored from the backup 0000000000000006"
        for box in boxes {
            let texts = refusals(at: box)
            #expect(!texts.isEmpty)
            #expect(
                texts.allSatisfy { $0.contains(text) && $0.contains("backup 0000000000000005") })
        }

        stage.crash(boxes[2])
        let third = stage.start(stage.freshDisk(3), origin: 5)
        stage.run(milliseconds: 5_000)
        #expect(isFounded(third) && third.founding.record?.origin == 5)
        #expect(stage.elect() != nil)
        #expect(stage.violations == [])
    }

    /// Somebody forgot to stop a node of the cluster that was saved. It ends nobody, and once the new
    /// cluster is whole it is kept out.
    @Test func aNodeOfTheOldClusterEndsNoneThatWasRestored() {
        let (stage, boxes) = stage([nil, nil, nil])
        #expect(boxes.allSatisfy { isFounded($0) })
        for box in boxes.prefix(2) { stage.crash(box) }
        let restored = [1, 2].map { stage.start(stage.freshDisk($0), origin: 5) }
        stage.run(milliseconds: 5_000)
        #expect(restored.allSatisfy { stage.isUp($0) && $0.founding == .newborn })
        #expect(refusals(at: restored[0]).contains { $0.contains("n3 runs another cluster") })
        stage.crash(boxes[2])
        let third = stage.start(stage.freshDisk(3), origin: 5)
        stage.run(milliseconds: 5_000)
        #expect(isFounded(third) && stage.elect() != nil)
    }

    /// A program from before the feature levels can't read a record with an origin.
    @Test func aRestoredDiskDoesNotMeetAnOldProgram() {
        let stage = Stage(founders: 3)
        let restored = [1, 2].map { stage.start(stage.freshDisk($0), origin: 5) }
        let old = stage.start(stage.freshDisk(3), levels: nil)
        stage.run(milliseconds: 5_000)
        #expect((restored + [old]).allSatisfy { stage.isUp($0) && $0.founding == .newborn })
        #expect(!refusals(at: restored[0]).isEmpty)
        stage.crash(old)
        let new = stage.start(stage.freshDisk(3), origin: 5)
        stage.run(milliseconds: 5_000)
        #expect(isFounded(new))
        #expect(stage.violations == [])
    }
}
