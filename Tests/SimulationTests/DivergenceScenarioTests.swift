import Calculator
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// One node of a whole cluster holds a value that its log does not amount to.
struct DivergenceScenarioTests {
    /// A cluster of level 2 that compares states at every third entry, with some entries committed.
    private func cluster(
        of nodes: Int, seed: UInt64, trace: ((String) -> Void)? = nil
    ) throws -> World {
        let world = World(
            seed: seed, options: Simulation.Options(nodes: nodes, seconds: 1_000, faults: false),
            trace: trace, isScripted: true)
        world.logs.checkpoint = 3
        world.logs.entries = 5
        world.begin()
        #expect(world.run(atMost: 5_000) { self.level(of: world) == .current })
        write(7, to: world)
        return world
    }

    private func level(of world: World) -> FeatureLevel? {
        leader(of: world)?.process?.engine.level
    }

    private func leader(of world: World) -> SimulatedNode? {
        world.nodes.first { $0.process?.node.role == .leader }
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

    /// Turns a bit of the value in the node's memory.
    private func damage(_ node: SimulatedNode, of world: World) throws {
        let process = try #require(node.process)
        var bytes = process.engine.encodeState()
        let machine = 31..<55
        #expect(Array(bytes[machine]) == process.engine.machine.snapshot)
        bytes[machine.lowerBound + 6] ^= 4
        var checksum = CRC32C()
        checksum.update(bytes.span.extracting(machine.lowerBound..<machine.upperBound - 4))
        var writer = ByteWriter()
        writer.write(checksum.value)
        bytes.replaceSubrange(machine.upperBound - 4..<machine.upperBound, with: writer.bytes)
        process.engine = try #require(
            Engine(state: bytes, keys: world.keys.capacity, checkpoint: world.logs.checkpoint))
        node.isMiscounting = true
    }

    @Test(arguments: [(3, true), (3, false), (5, true), (5, false)])
    func exactlyTheOutvotedNodeEnds(nodes: Int, isLeader: Bool) throws {
        for seed in 1...UInt64(5) {
            var ends: [String] = []
            let world = try cluster(of: nodes, seed: seed) { line in
                if line.contains(" ends: ") { ends.append(line) }
            }
            let damaged = try #require(
                world.nodes.first { ($0.process?.node.role == .leader) == isLeader })
            try damage(damaged, of: world)
            write(20, to: world)
            let ended = world.nodes.filter { $0.state == .ended }.map(\.number)
            #expect(ended == [damaged.number])
            #expect(ends.count == 1)
            #expect(ends.allSatisfy { $0.contains("differs from that of") })
            // It begins with the newest state that had a majority.
            damaged.state = .down
            world.start([damaged.number])
            world.run(for: 1_000)
            write(5, to: world)
            #expect(world.violation == nil && world.nodes.allSatisfy { $0.state == .up })
            let last = world.invariants.committed.lastIndex
            #expect(world.nodes.allSatisfy { $0.process?.engine.applied.index == last })
        }
    }

    /// Without a third voice both stay and serve nobody; it settles which of them was right.
    @Test func twoOfThreeThatDifferWaitForTheThird() throws {
        let world = try cluster(of: 3, seed: 3)
        let leader = try #require(self.leader(of: world))
        let third = try #require(world.nodes.last { $0 !== leader })
        world.die(third, isPowerLoss: false, downTime: .milliseconds(6_000), how: "for a while")
        try damage(leader, of: world)
        write(20, to: world)
        let others = world.nodes.filter { $0 !== third }
        #expect(others.allSatisfy { $0.state == .up && $0.process?.node.isInDoubt == true })
        world.run(for: 8_000)
        write(5, to: world)
        #expect(world.nodes.filter { $0.state == .ended }.map(\.number) == [leader.number])
        #expect(
            world.nodes.allSatisfy { $0 === leader || $0.process?.node.isInDoubt == false })
        #expect(world.violation == nil)
    }
}
