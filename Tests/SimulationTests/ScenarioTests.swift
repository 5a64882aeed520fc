import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// Stories with a plot of their own, on a quiet day but for what they do.
struct ScenarioTests {
    private static func world(nodes: Int, seed: UInt64 = 1) -> World {
        let world = World(
            seed: seed, options: Simulation.Options(nodes: nodes, seconds: 1_000, faults: false),
            trace: nil)
        world.begin()
        world.run(for: 2_000)
        return world
    }

    /// Design, "Birth, identity and amnesia": wiped disks never outvote the disk that remembers.
    @Test func `two of three wiped elect nobody, and end when the third is back`() throws {
        let world = Self.world(nodes: 3)
        let term = world.invariants.electionSafety.lastTerm
        let committed = world.invariants.committed.lastIndex
        #expect(committed > .zero)
        world.stop(2)
        for node in world.nodes[..<2] { world.wipe(node) }
        world.run(for: 10_000)
        #expect(world.invariants.electionSafety.lastTerm == term)
        #expect(world.nodes[0].state == .up && world.nodes[1].state == .up)
        #expect(world.nodes[0].process?.node.founding == .newborn)

        world.start(world.nodes[2])
        world.run(for: 10_000)
        #expect(world.nodes[0].state == .ended && world.nodes[1].state == .ended)
        #expect(world.invariants.electionSafety.lastTerm == term)
        let third = try #require(world.nodes[2].process)
        // What it remembers: the last commit that it noted, and the value there.
        let state = world.invariants.committed.state(at: third.engine.applied.index)
        #expect(third.engine.machine.value == state.value)
        #expect(third.engine.applied.index > .zero)
        #expect(world.violation == nil)
    }

    @Test func `one of three wiped ends, and the others go on`() {
        let world = Self.world(nodes: 3)
        world.wipe(world.nodes[0])
        world.run(for: 5_000)
        let before = world.invariants.committed.lastIndex
        world.run(for: 2_000)
        #expect(world.nodes[0].state == .ended)
        #expect(world.invariants.committed.lastIndex > before)
        #expect(world.violation == nil)
    }

    /// Two halves that see each other only through one node (Cloudflare, November 2020).
    @Test func `a cluster commits while a bridge is all that holds it together`() {
        let world = Self.world(nodes: 5)
        for from in [0, 1] {
            for to in [3, 4] {
                world.network.cut(Way(from: from, to: to))
                world.network.cut(Way(from: to, to: from))
            }
        }
        world.run(for: 3_000)
        let before = world.invariants.committed.lastIndex
        let term = world.invariants.electionSafety.lastTerm
        world.run(for: 10_000)
        #expect(world.invariants.committed.lastIndex > before)
        #expect(world.invariants.electionSafety.lastTerm <= term + 1, "leaders keep changing")
        #expect(world.violation == nil)
    }

    /// Pre-vote (thesis §9.6): who can't win does not raise its term.
    @Test func `a node that was cut off comes back without deposing the leader`() throws {
        let world = Self.world(nodes: 5)
        let leader = try #require(world.nodes.firstIndex { $0.leads })
        let lonely = (leader + 1) % 5
        for other in 0..<5 where other != lonely {
            world.network.cut(Way(from: lonely, to: other))
            world.network.cut(Way(from: other, to: lonely))
        }
        let term = world.invariants.electionSafety.lastTerm
        world.run(for: 20_000)
        #expect(world.nodes[lonely].process?.node.term == Term(UInt64(term)))
        world.network.calmDown()
        world.releaseStuck()
        world.run(for: 5_000)
        #expect(world.invariants.electionSafety.lastTerm == term)
        #expect(world.nodes[leader].leads)
        let views = world.invariants.views.compactMap(\.last)
        #expect(views.allSatisfy { $0.commit >= world.invariants.committed.lastIndex.previous })
        #expect(world.violation == nil)
    }

    /// CheckQuorum (thesis §6.2): a leader that hears no majority stops leading.
    @Test func `a leader that is cut off steps down, and its write is never acknowledged`() throws {
        let world = Self.world(nodes: 3)
        let leader = try #require(world.nodes.firstIndex { $0.leads })
        for other in 0..<3 where other != leader {
            world.network.cut(Way(from: other, to: leader))
            world.network.cut(Way(from: leader, to: other))
        }
        world.run(for: 1_000)
        #expect(!world.nodes[leader].leads)
        #expect(world.nodes.contains { $0.leads })
        #expect(world.violation == nil)
    }

    @Test func `everything loses its power at once and nothing acknowledged is lost`() {
        let world = Self.world(nodes: 5)
        let acknowledged = world.history.acknowledgedThrough
        for node in world.nodes {
            world.die(node, isPowerLoss: true, downTime: .milliseconds(100), how: "all at once")
        }
        world.run(for: 5_000)
        let views = world.invariants.views.compactMap(\.last)
        #expect(views.count == 5)
        #expect(views.allSatisfy { $0.commit >= acknowledged })
        #expect(world.violation == nil)
    }
}

extension World {
    func run(for milliseconds: Int) { advance(to: now + .milliseconds(milliseconds)) }

    /// A node is killed and stays away until it is started.
    func stop(_ number: Int) {
        die(
            nodes[number], isPowerLoss: false, downTime: .milliseconds(1_000_000), how: "stopped")
    }
}
