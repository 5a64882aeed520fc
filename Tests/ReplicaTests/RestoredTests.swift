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
        let refusals = boxes[2].notices.compactMap { notice in
            if case .refused(_, let refusal, _) = notice { refusal } else { nil as Refusal? }
        }
        let text = String(decoding: refusals.first?.detail ?? [], as: UTF8.self)
        #expect(refusals.first?.reason == .otherRecord)
        #expect(text.contains("from the backup 0000000000000005"))
        #expect(text.contains(other == nil ? "n3 was not restored" : "backup 0000000000000006"))

        stage.crash(boxes[2])
        let third = stage.start(stage.freshDisk(3), origin: 5)
        stage.run(milliseconds: 5_000)
        #expect(isFounded(third))
        #expect(stage.elect() != nil)
        #expect(stage.violations == [])
    }
}
