import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// A disk loses the last batch that it acknowledged, and the mark behind it, while its node is down.
struct LostEntriesScenarioTests {
    /// A cluster of level 2 with some entries committed.
    private func cluster(of nodes: Int, seed: UInt64) throws -> World {
        let world = World(
            seed: seed, options: Simulation.Options(nodes: nodes, seconds: 1_000, faults: false),
            trace: nil, isScripted: true)
        world.begin()
        let isReady = world.run(atMost: 5_000) { self.leader(of: world) != nil }
        #expect(isReady)
        write(7, to: world)
        return world
    }

    private func leader(of world: World) -> SimulatedNode? {
        world.nodes.first { $0.leads && $0.process?.engine.level == .current }
    }

    /// Commits so many additions of one that no client waits for.
    private func write(_ count: Int, to world: World) {
        for _ in 0..<count {
            guard let leader = leader(of: world), let process = leader.process else { continue }
            process.requests.append((.write(.add(1)), RequestID(World.unnumbered)))
            world.wake(leader)
            world.run(for: 50)
        }
    }

    /// A follower whose disk loses something; it is down for so long.
    private func lose(of world: World, for downTime: Timespan) throws -> SimulatedNode {
        let before = world.invariants.views.map(\.disk.log.lastIndex)
        let node = try #require(world.nodes.last { !$0.leads })
        let hasLost = world.loseEntries(of: node, downTime: downTime)
        #expect(hasLost)
        #expect(world.invariants.views[node.number].disk.log.lastIndex < before[node.number])
        return node
    }

    private func ended(in world: World) -> [Int] {
        world.nodes.filter { $0.state == .ended }.map(\.number)
    }

    @Test(arguments: [3, 5]) func `the node ends and the others go on`(nodes: Int) throws {
        for seed in 1...UInt64(5) {
            let world = try cluster(of: nodes, seed: seed)
            let leader = try #require(self.leader(of: world))
            let term = leader.process?.node.term
            let node = try lose(of: world, for: .milliseconds(100))
            world.run(for: 4_000)
            #expect(ended(in: world) == [node.number])
            #expect(leader.leads && leader.process?.node.term == term)
            let committed = world.invariants.committed.lastIndex
            write(3, to: world)
            #expect(world.invariants.committed.lastIndex == committed.advanced(by: 3))
            // It is no better when it is started once more.
            node.state = .down
            world.start([node.number])
            world.run(for: 4_000)
            #expect(ended(in: world) == [node.number] && world.violation == nil)
        }
    }

    /// Another leader may have cut the log, so nothing is a proof any more.
    @Test func `under another leader it is sent what it lacks`() throws {
        for seed in 1...UInt64(5) {
            let world = try cluster(of: 3, seed: seed)
            let leader = try #require(self.leader(of: world))
            let node = try lose(of: world, for: .milliseconds(4_000))
            world.die(leader, isPowerLoss: false, downTime: .milliseconds(100), how: "killed")
            world.run(for: 3_000)
            write(2, to: world)
            world.run(for: 5_000)
            #expect(ended(in: world) == [] && node.state == .up)
            #expect(world.agree([0, 1, 2]) && world.violation == nil)
        }
    }

    /// No other restart is taken for a loss, whatever becomes of its connections.
    @Test(arguments: [false, true]) func `whole disks are let in`(isPowerLoss: Bool) throws {
        let world = try cluster(of: 3, seed: 2)
        for round in 0..<12 {
            let node = world.nodes[round % 3]
            world.die(
                node, isPowerLoss: isPowerLoss, downTime: .milliseconds(10 + round * 40),
                how: "killed")
            world.run(for: 1_500)
            write(2, to: world)
        }
        #expect(ended(in: world) == [] && world.agree([0, 1, 2]) && world.violation == nil)
    }
}
