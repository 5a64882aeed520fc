import Node
import Primitives
import Raft
import Testing
import Wire

@testable import Simulation

/// Networks, addresses and disks that misbehave, on a day that is quiet but for what they do.
struct NetworkScenarioTests {
    private static func world(
        nodes: Int, seed: UInt64 = 1, _ prepare: (World) -> Void = { _ in }
    ) -> World {
        let world = World(
            seed: seed, options: Simulation.Options(nodes: nodes, seconds: 1_000, faults: false),
            trace: nil)
        prepare(world)
        world.begin()
        world.run(for: 2_000)
        return world
    }

    /// How many voters a node hears, itself included.
    private static func heard(_ world: World, by number: Int) -> Int {
        let node = world.nodes[number]
        return node.process?.node.reachableVoters(at: node.clock.reading(at: world.now)).count ?? 0
    }

    private static func move(_ number: Int, in world: World) {
        let node = world.nodes[number]
        world.die(node, isPowerLoss: false, downTime: .milliseconds(50), how: "moved")
        world.move(node)
    }

    /// Neither config file says where the other is now; only the third node has heard of both.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `two nodes that have moved find each other by gossip`(seed: UInt64) {
        let world = Self.world(nodes: 3, seed: seed)
        Self.move(1, in: world)
        Self.move(2, in: world)
        #expect(
            world.run(atMost: 20_000) {
                (0..<3).allSatisfy { Self.heard(world, by: $0) == 3 }
            })
        #expect(world.tally.callsToNobody > 0, "nobody has tried an old address")
    }

    /// The book in the directory outlives the process.
    @Test func `a node that has moved is found again after everybody has restarted`() {
        let world = Self.world(nodes: 3)
        Self.move(2, in: world)
        #expect(world.run(atMost: 20_000) { Self.heard(world, by: 2) == 3 })
        for node in world.nodes {
            world.die(node, isPowerLoss: false, downTime: .milliseconds(50), how: "restarted")
        }
        #expect(world.run(atMost: 5_000) { Self.heard(world, by: 0) == 3 })
    }

    @Test func `names lead to where a machine has moved`() {
        let world = Self.world(nodes: 3) { world in
            world.plan.hasNames = true
            world.plan.names.failing = 300
        }
        #expect(world.tally.failedLookUps > 0)
        Self.move(2, in: world)
        #expect(world.run(atMost: 10_000) { Self.heard(world, by: 2) == 3 })
        #expect(world.violation == nil)
    }

    /// RFC 9293: bytes come in order, whatever the pieces; a full buffer waits.
    @Test func `a cluster works over streams of few bytes cut anywhere`() {
        let world = Self.world(nodes: 3) { world in
            world.network.weather.capacity = 300
            world.network.weather.split = 500
        }
        world.run(for: 5_000)
        #expect(world.tally.cutStreams > 1_000)
        #expect(world.tally.fullBuffers > 0)
        #expect(world.history.acknowledged > 100)
        #expect(world.invariants.electionSafety.lastTerm == 1)
        #expect(world.violation == nil)
    }

    /// A machine without power says nothing: its peers find out by asking.
    @Test func `connections to a machine that lost its power are given up`() throws {
        let world = Self.world(nodes: 3)
        let lost = world.nodes[2]
        world.die(lost, isPowerLoss: true, downTime: .milliseconds(60_000), how: "power lost")
        let isOver = world.run(atMost: 8_000) {
            !world.network.standing.contains { connection in
                connection.port == .raft && connection.called.isSilent
                    && connection.caller.state == .open
            }
        }
        #expect(isOver)
        #expect(Self.heard(world, by: 0) == 2)
    }

    /// What a connection that has ended still holds comes from a process that is gone: a handshake's last
    /// words count, Raft's do not.
    @Test func `entries behind which a connection ended are not taken`() throws {
        let world = Self.world(nodes: 3)
        let leader = try #require(world.nodes.first { $0.leads })
        let follower = try #require(world.nodes.first { !$0.leads })
        let process = try #require(follower.process)
        follower.state = .paused
        follower.pausedAt = follower.clock.reading(at: world.now)
        let last = process.node.withLog { $0.lastIndex }
        let command = Operation.set(world.history.nextNumber, isExtreme: false)
        world.ask(.write(command), of: leader, by: 0)
        world.wake(leader)
        world.run(for: 2)
        let end = try #require(
            process.links.map(\.end).first {
                $0.connection.port == .raft && $0.other.side.machine == leader.number
            })
        #expect(end.side.waiting > 0, "no entry has come")
        world.die(leader, isPowerLoss: false, downTime: .milliseconds(60_000), how: "killed")
        world.run(for: 2)
        #expect(end.side.hasEnded)
        world.resume(follower.number, follower.life)
        #expect(process.node.withLog { $0.lastIndex } == last)
        #expect(world.run(atMost: 10_000) { world.nodes.contains { $0.leads } })
    }

    @Test func `strangers that flood, babble and hang keep no peer out`() {
        let world = Self.world(nodes: 3)
        for _ in 0..<200 {
            _ = world.callAsStranger()
            world.run(for: 10)
        }
        let before = world.invariants.committed.lastIndex
        world.run(for: 2_000)
        #expect(world.invariants.committed.lastIndex > before)
        #expect(world.invariants.electionSafety.lastTerm == 1)
        let node = world.nodes[2]
        world.die(node, isPowerLoss: false, downTime: .zero, how: "restarted")
        for _ in 0..<200 {
            _ = world.callAsStranger()
            world.run(for: 10)
        }
        #expect(Self.heard(world, by: 2) == 3)
        #expect(world.violation == nil)
    }
}

/// Disks that hang.
struct HungDiskTests {
    private static func world(nodes: Int) -> World {
        let world = World(
            seed: 4, options: Simulation.Options(nodes: nodes, seconds: 1_000, faults: false),
            trace: nil)
        world.begin()
        world.run(for: 2_000)
        return world
    }

    /// hashicorp/raft#503.
    @Test func `a leader whose disk hangs gives way, and clients go on`() throws {
        let world = Self.world(nodes: 3)
        let leader = try #require(world.nodes.first { $0.leads })
        leader.disk.trouble.hangs = .milliseconds(5_000)
        let isLed = world.run(atMost: 2_000) {
            world.nodes.contains { $0.leads && $0.number != leader.number }
        }
        #expect(isLed)
        let before = world.invariants.committed.lastIndex
        world.run(for: 500)
        #expect(world.invariants.committed.lastIndex > before)
        #expect(leader.process?.pendingRequest != nil, "the disk has not hung for long enough")
        #expect(world.run(atMost: 10_000) { world.agree([0, 1, 2]) })
    }

    @Test func `a follower whose disk hangs answers stale reads and keeps its leader`() throws {
        let world = Self.world(nodes: 3)
        let term = world.invariants.electionSafety.lastTerm
        let follower = try #require(world.nodes.first { !$0.leads })
        follower.disk.trouble.hangs = .milliseconds(5_000)
        world.run(for: 1_000)
        #expect(follower.process?.pendingRequest != nil)
        let number = world.ask(.staleRead, of: follower, by: World.script)
        world.wake(follower)
        #expect(world.scriptAnswers.contains { $0.number == number })
        world.run(for: 3_000)
        #expect(world.invariants.electionSafety.lastTerm == term)
        #expect(world.violation == nil)
    }

    @Test func `a stop ends in time though the disk hangs`() throws {
        let world = Self.world(nodes: 3)
        let node = try #require(world.nodes.first { !$0.leads })
        node.disk.trouble.hangs = .milliseconds(60_000)
        #expect(world.run(atMost: 5_000) { node.process?.pendingRequest != nil })
        world.run(for: 300)
        node.process?.stopAskedAt = node.clock.reading(at: world.now)
        node.process?.node.note(.stopRequested)
        let life = node.life
        world.wake(node)
        #expect(world.run(atMost: 5_000) { node.life > life || node.process == nil })
        #expect(world.tally.stoppedWithoutDisk == 1)
        #expect(world.violation == nil)
    }
}
