import Primitives
import Raft
import Replica
import Testing

/// The founding, interrupted.
struct FoundingCrashTests {
    /// A node crashes between any two steps of the founding, with its write on disk or not, and
    /// starts again.
    @Test(arguments: [1, 3])
    func aCrashBetweenAnyTwoSteps(count: Int) {
        for victim in 0..<count {
            for isSynced in [false, true] {
                var steps = 0
                while interrupt(count, after: steps, isSynced: isSynced, victims: [victim]) {
                    steps += 1
                }
                #expect(steps > 2)
            }
        }
    }

    /// All nodes crash at once.
    @Test func aPowerCutBetweenAnyTwoSteps() {
        for isSynced in [false, true] {
            var steps = 0
            while interrupt(3, after: steps, isSynced: isSynced, victims: [0, 1, 2]) { steps += 1 }
            #expect(steps > 20)
        }
    }

    /// Returns whether the founding was still going on after that many steps.
    private func interrupt(
        _ count: Int, after steps: Int, isSynced: Bool, victims: [Int]
    ) -> Bool {
        let stage = Stage(founders: count)
        let boxes = stage.startAll()
        for _ in 0..<steps { guard stage.advance() else { return false } }
        for victim in victims {
            if isSynced { boxes[victim].sync() }
            stage.restart(boxes[victim])
        }
        FoundingTests.expectLife(on: stage)
        return true
    }

    /// Founded is what the disk says, not what was asked of it.
    @Test func nobodyVotesBeforeItsOwnFoundingIsSynced() {
        let stage = Stage(founders: 3)
        let boxes = stage.startAll()
        while stage.advance() {
            for box in boxes {
                if case .founded = box.write?.founding {
                    stage.hungDisks = boxes
                }
            }
        }
        stage.run(milliseconds: 2_000)
        #expect(boxes.allSatisfy { $0.status(at: stage.now).term == .zero })
        #expect(stage.leader == nil)
        stage.hungDisks = []
        FoundingTests.expectLife(on: stage)
    }
}
