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

    }
}
