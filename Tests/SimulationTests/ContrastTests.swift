import Primitives
import Testing

@testable import Simulation

/// Every script under both designs, over many seeds.
struct ContrastTests {
    private static let seeds: ClosedRange<UInt64> = 1...20

    @Test(arguments: Contrast.Script.allCases)
    func `raft loses nothing and reads nothing old`(script: Contrast.Script) {
        for seed in Self.seeds {
            let raft = Contrast.run(script, seed: seed).raft
            let figures = raft.figures
            #expect(raft.violation == nil, "seed \(seed)")
            #expect(figures.lost == 0, "seed \(seed)")
            #expect(figures.staleReads == 0, "seed \(seed)")
            #expect(Set(figures.values).count == 1, "seed \(seed)")
            #expect(figures.agreement != nil, "seed \(seed)")
            // By the value's digits alone, without a look at the log.
            let inValue = Contrast.Script.adds(in: figures.values.first ?? 0)
            let told = figures.acknowledged
            #expect((told...told + figures.unknown).contains(inValue), "seed \(seed)")
        }
    }

    @Test(arguments: Contrast.Script.allCases)
    func `gossip loses adds wherever two write or a node dies`(script: Contrast.Script) {
        for seed in Self.seeds {
            let figures = Contrast.run(script, seed: seed).gossip.figures
            #expect((figures.lost > 0) == (script != .none), "seed \(seed)")
            #expect(figures.staleReads > 0, "seed \(seed)")
            #expect((figures.agreement == nil) == (Set(figures.values).count > 1), "seed \(seed)")
            // By the values' digits alone: the best of them, without a look at who wrote what.
            let inValues = figures.values.map { Contrast.Script.adds(in: $0) }
            #expect(figures.unknown == 0, "seed \(seed)")
            #expect(figures.surviving == inValues.max(), "seed \(seed)")
        }
    }

    @Test func `two writers leave different values for good in some seeds`() {
        let agreements = Self.seeds.map {
            Contrast.run(.writers, seed: $0).gossip.figures.agreement
        }
        #expect(agreements.contains(nil))
    }

    @Test(arguments: seeds)
    func `gossip answers everybody in a partition, raft the majority`(seed: UInt64) throws {
        let comparison = Contrast.run(.partition, seed: seed)
        let gossip = comparison.gossip.figures
        let raft = comparison.raft.figures
        #expect(gossip.duringFault.asked == raft.duringFault.asked)
        #expect(gossip.duringFault.answered == gossip.duringFault.asked)
        let (few, cutOff) = (try #require(raft.inMinority), try #require(gossip.inMinority))
        #expect(cutOff.answered == cutOff.asked)
        // All but what was asked in the last second, whose clients still waited when it was over.
        #expect(few.answered <= few.asked / 4)
        let majority = raft.duringFault.asked - few.asked
        #expect(raft.duringFault.answered - few.answered >= majority * 9 / 10)
    }

    @Test(arguments: Contrast.Script.allCases)
    func `a seed does the same twice, and another one something else`(script: Contrast.Script) {
        let first = Contrast.run(script, seed: 7)
        let second = Contrast.run(script, seed: 7)
        let other = Contrast.run(script, seed: 8)
        #expect(first.gossip.figures == second.gossip.figures)
        #expect(first.gossip.timeline == second.gossip.timeline)
        #expect(first.raft.figures == second.raft.figures)
        #expect(first.raft.timeline == second.raft.timeline)
        #expect(first.gossip.timeline != other.gossip.timeline)
        #expect(first.raft.timeline != other.raft.timeline)
    }

    @Test func `both designs are asked the same`() {
        for script in Contrast.Script.allCases {
            let comparison = Contrast.run(script, seed: 3)
            let (gossip, raft) = (comparison.gossip.figures, comparison.raft.figures)
            #expect(gossip.duringFault.asked == raft.duringFault.asked)
            #expect(gossip.reads.asked == raft.reads.asked)
            #expect(gossip.reads.asked == 5 * 24)
        }
    }

    @Test func `the node that has just acknowledged is the one that dies`() throws {
        for seed in Self.seeds {
            let comparison = Contrast.run(.crash, seed: seed)
            for outcome in [comparison.gossip, comparison.raft] {
                let lanes = outcome.timeline.lanes
                let dead = lanes.indices.filter { node in
                    lanes[node].contains { $0.value == nil }
                }
                #expect(dead.count == 1)
                let death = try #require(lanes[dead[0]].first { $0.value == nil }).time
                let last = try #require(
                    outcome.timeline.acknowledgements.last { $0.time <= death + .milliseconds(1) })
                #expect(last.node == dead[0])
                #expect(death.nanoseconds < last.time.nanoseconds, "it died before it was heard")
            }
        }
    }

    @Test func `raft goes on within a second of the leader's death`() throws {
        let outcome = Contrast.run(.crash, seed: 1).raft
        #expect(outcome.figures.duringFault.answered == outcome.figures.duringFault.asked)
        let leaders = outcome.timeline.lanes.filter { $0.contains(where: \.isLeading) }
        #expect(leaders.count == 2)
    }
}
