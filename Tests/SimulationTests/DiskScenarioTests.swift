import Effort
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// Disks that fail, and disks that are copied.
struct DiskScenarioTests {
    private static func founded(_ nodes: Int, seed: UInt64) -> World {
        let pasts = Array(repeating: World.Past(term: 1, log: [1]), count: nodes)
        guard let world = try? World.remembering(pasts, seed: seed) else {
            preconditionFailure("the disks can't be written")
        }
        world.begin()
        world.run(for: 2_000)
        return world
    }

    @Test(arguments: 0..<3)
    func `a full disk ends no node, and it goes on when there is room`(number: Int) throws {
        let world = Self.founded(3, seed: 1)
        let node = world.nodes[number]
        let lives = world.nodes.map(\.life)
        node.disk.trouble.isFull = true
        let isFull = world.run(atMost: 60_000) { node.process?.node.isDiskFull == true }
        #expect(isFull)
        world.run(for: 2_000)
        #expect(node.process?.node.role == .follower, "it leads no more")
        let before = world.invariants.committed.lastIndex
        world.run(for: 2_000)
        #expect(world.invariants.committed.lastIndex > before, "the others don't go on")
        node.disk.trouble.isFull = false
        world.run(for: 3_000)
        #expect(world.nodes.map(\.life) == lives)
        #expect(node.process?.node.isDiskFull == false)
        #expect(world.invariants.views[number].last?.commit ?? .zero > before)
        #expect(world.violation == nil)
    }

    @Test func `where all disks are full the leader goes on answering reads`() {
        let world = Self.founded(3, seed: 1)
        for node in world.nodes { node.disk.trouble.isFull = true }
        let areFull = world.run(atMost: 60_000) {
            world.nodes.allSatisfy { $0.process?.node.isDiskFull == true }
        }
        #expect(areFull)
        world.run(for: 2_000)
        let last = world.invariants.committed.lastIndex
        let leaders = world.nodes.filter(\.leads)
        #expect(leaders.count == 1)
        world.run(for: 5_000)
        #expect(world.invariants.committed.lastIndex == last)
        #expect(world.nodes.filter(\.leads).map(\.number) == leaders.map(\.number))
        for node in world.nodes { node.disk.trouble.isFull = false }
        #expect(world.run(atMost: 5_000) { world.invariants.committed.lastIndex > last })
        #expect(world.violation == nil)
    }

    /// No checkpoint comes any more, since nothing is written: the nodes compare their states at rest.
    @Test func `a log that has filled its own disk makes room by a snapshot`() throws {
        let worlds = (1...UInt64(100)).lazy.map { seed in
            World(
                seed: seed, options: Simulation.Options(nodes: 3, seconds: 1_000, faults: false),
                trace: nil, isScripted: true)
        }
        let world = try #require(worlds.first { $0.limits.segmentBytes == 2 << 10 })
        world.logs.checkpoint = 1_000_000
        world.logs.entries = 1_000_000
        world.begin()
        #expect(
            world.run(atMost: 5_000) {
                world.nodes.allSatisfy { $0.process?.engine.level == .current }
            })
        add(1_000, to: world)
        for node in world.nodes { node.disk.trouble.isFull = true }
        for _ in 0..<1_000 where !world.nodes.allSatisfy({ $0.isDiskFull }) { add(1, to: world) }
        #expect(world.nodes.allSatisfy { $0.isDiskFull })
        #expect(world.tally.ownSnapshots == 0)
        #expect(world.run(atMost: 20_000) { world.nodes.allSatisfy { !$0.isDiskFull } })
        let before = world.invariants.committed.lastIndex
        add(10, to: world)
        #expect(world.invariants.committed.lastIndex == before.advanced(by: 10))
        #expect(world.violation == nil)
    }

    /// Asks the leader for so many additions of one, for which no client waits.
    private func add(_ count: Int, to world: World) {
        for _ in 0..<count {
            guard let leader = world.nodes.first(where: \.leads), let process = leader.process
            else { continue }
            process.requests.append((.write(.add(1)), RequestID(World.unnumbered)))
            world.wake(leader)
            world.run(for: 20)
        }
    }

    @Test func `a directory whose birth found no room is made again`() {
        let world = World(
            seed: 1, options: Simulation.Options(nodes: 3, seconds: 1_000, faults: false),
            trace: nil)
        world.nodes[0].disk.trouble.isFull = true
        world.begin()
        world.run(for: 5_000)
        #expect(world.nodes[0].process == nil)
        world.nodes[0].disk.trouble.isFull = false
        #expect(world.run(atMost: 10_000) { world.invariants.committed.lastIndex > .zero })
    }

    @Test(arguments: [
        \DiskTrouble.failsNextWrite, \DiskTrouble.failsNextSync, \DiskTrouble.forgetsNextSync,
    ])
    func `a write or sync that fails ends the node once`(
        kind: WritableKeyPath<DiskTrouble, Bool> & Sendable
    ) {
        let world = Self.founded(3, seed: 2)
        let lives = world.nodes.map(\.life)
        world.nodes[0].disk.trouble[keyPath: kind] = true
        world.run(for: 3_000)
        #expect(world.nodes.map(\.life) == [lives[0] + 1, lives[1], lives[2]])
        #expect(world.nodes[0].state == .up)
        #expect(world.violation == nil)
    }

    /// Every bit that is known to have been synced: the log refuses it, or nothing is lost.
    @Test func `a flipped bit is refused or harmless`() {
        var refused = 0
        let seeds = 1...UInt64(8 * effort)
        for seed in seeds {
            let world = Self.founded(3, seed: seed % 4)
            let node = world.nodes[0]
            world.stop(0)
            var random = RandomSource(seed: seed)
            guard let bit = node.disk.drawSyncedBit(&random) else { continue }
            node.disk.turn(bit)
            node.flipped = bit
            world.start(node)
            if node.isDamaged { refused += 1 }
            world.run(for: 300)
            #expect(node.isDamaged == (node.state == .ended))
            #expect(world.violation == nil, "\(bit): \(world.violation?.text ?? "")")
        }
        #expect(refused > seeds.count / 2, "\(refused) of \(seeds.count) were refused")
    }

    /// A second process on a copied disk must end, whichever node it is, and disturb nobody.
    @Test(arguments: 1...12)
    func `a copy of a running node ends`(seed: Int) {
        let count = seed % 2 == 0 ? 3 : 5
        let world = Self.founded(count, seed: UInt64(seed))
        let copy = world.startCopy(of: seed % count)
        let term = world.invariants.electionSafety.lastTerm
        #expect(world.run(atMost: 5_000) { copy.state == .ended })
        let before = world.invariants.committed.lastIndex
        world.run(for: 1_000)
        #expect(world.invariants.committed.lastIndex > before)
        #expect(world.invariants.electionSafety.lastTerm == term)
        #expect(world.nodes[..<count].allSatisfy { $0.state == .up })
        #expect(world.violation == nil)
    }
}

extension SimulatedNode {
    /// Whether its process says that its disk is full.
    fileprivate var isDiskFull: Bool { process?.node.isDiskFull == true }
}
