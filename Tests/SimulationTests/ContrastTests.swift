import Effort
import Primitives
import Testing

@testable import Simulation

/// Every script under both designs, over many seeds.
struct ContrastTests {
    @Test(arguments: Contrast.Script.allCases, 1...UInt64(effort))
    func `raft loses nothing, gossip wherever two write or a node dies`(
        script: Contrast.Script, seed: UInt64
    ) throws {
        let comparison = Contrast.run(script, seed: seed)
        checkRaft(comparison.raft)
        checkGossip(comparison.gossip.figures, script)
        let (gossip, raft) = (comparison.gossip.figures, comparison.raft.figures)
        #expect(gossip.duringFault.asked == raft.duringFault.asked)
        #expect(gossip.reads.asked == raft.reads.asked)
        #expect(gossip.reads.asked == 5 * 24)
        if script == .partition { try checkPartition(gossip, raft) }
        if script == .crash {
            try checkDeath(comparison.gossip.timeline)
            try checkDeath(comparison.raft.timeline)
            #expect(raft.duringFault.answered == raft.duringFault.asked)
        }
    }

    private func checkRaft(_ raft: Contrast.Outcome) {
        let figures = raft.figures
        #expect(raft.violation == nil)
        #expect(figures.lost == 0)
        #expect(figures.staleReads == 0)
        #expect(Set(figures.values).count == 1 && figures.values.count == 5)
        #expect(figures.agreement != nil)
        // By the value's digits alone, without a look at the log.
        let inValue = Contrast.Script.adds(in: figures.values.first ?? 0)
        let told = figures.acknowledged
        #expect((told...told + figures.unknown).contains(inValue))
    }

    private func checkGossip(_ figures: Contrast.Figures, _ script: Contrast.Script) {
        #expect((figures.lost > 0) == (script != .none))
        #expect(figures.staleReads > 0)
        #expect((figures.agreement == nil) == (Set(figures.values).count > 1))
        #expect(figures.duringFault.answered == figures.duringFault.asked)
        // By the values' digits alone, the best of them, without a look at who wrote what.
        #expect(figures.unknown == 0)
        #expect(figures.surviving == figures.values.map { Contrast.Script.adds(in: $0) }.max())
    }

    /// Gossip answers everybody, Raft the majority.
    private func checkPartition(_ gossip: Contrast.Figures, _ raft: Contrast.Figures) throws {
        let few = try #require(raft.inMinority)
        let cutOff = try #require(gossip.inMinority)
        #expect(cutOff.answered == cutOff.asked)
        // All but what was asked in the last second, whose clients still waited when it was over.
        #expect(few.answered <= few.asked / 4)
        let majority = raft.duringFault.asked - few.asked
        #expect(raft.duringFault.answered - few.answered >= majority * 9 / 10)
    }

    /// The node that dies is the one that has just acknowledged, before its client has heard it.
    private func checkDeath(_ timeline: Contrast.Timeline) throws {
        let dead = timeline.lanes.indices.filter { node in
            timeline.lanes[node].contains { $0.value == nil }
        }
        try #require(dead.count == 1)
        let death = try #require(timeline.lanes[dead[0]].first { $0.value == nil }).time
        let next = try #require(timeline.acknowledgements.first { $0.time > death })
        #expect(next.node == dead[0])
        #expect(next.time.nanoseconds - death.nanoseconds < 1_000_000)
    }

    @Test func `two writers leave different values for good in some seeds`() {
        let agreements = (1...5).map { (seed: UInt64) in
            let schedule = Contrast.Schedule(.writers, seed: seed)
            var course = Contrast.Course(
                schedule, GossipedCluster(nodes: Contrast.Script.nodes, seed: seed))
            return course.run().figures.agreement
        }
        #expect(agreements.contains(nil))
    }

    /// One script; `.ci/determinism` compares all of them in two builds.
    @Test func `a seed does the same twice, and another one something else`() {
        let first = Contrast.run(.crash, seed: 7)
        let second = Contrast.run(.crash, seed: 7)
        let other = Contrast.run(.crash, seed: 8)
        #expect(first.gossip.figures == second.gossip.figures)
        #expect(first.gossip.timeline == second.gossip.timeline)
        #expect(first.raft.figures == second.raft.figures)
        #expect(first.raft.timeline == second.raft.timeline)
        #expect(first.gossip.timeline != other.gossip.timeline)
        #expect(first.raft.timeline != other.raft.timeline)
    }
}
