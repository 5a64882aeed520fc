import Primitives
import Testing

@testable import Simulation

/// The known faults of a value that travels by gossip, one by one, and what it does well.
struct GossipedRegisterTests {
    private static let nodes = 0..<5

    private func cluster(seed: UInt64 = 1) -> GossipedCluster {
        GossipedCluster(nodes: Self.nodes.count, seed: seed)
    }

    private func values(_ cluster: GossipedCluster) -> [Int64?] {
        Self.nodes.map { cluster.version(of: $0)?.value }
    }

    @Test func `a lower or equal generation is not adopted, a higher one is`() {
        var register = GossipedRegister()
        register.set(5)
        #expect(register.version == GossipedRegister.Version(value: 5, generation: 1))
        register.notify(GossipedRegister.Version(value: 6, generation: 1))
        register.notify(GossipedRegister.Version(value: 6, generation: 0))
        #expect(register.version.value == 5)
        register.notify(GossipedRegister.Version(value: 6, generation: 2))
        #expect(register.version == GossipedRegister.Version(value: 6, generation: 2))
    }

    @Test(arguments: 1...20)
    func `two sets on two nodes at once leave two values for good`(seed: UInt64) {
        var cluster = cluster(seed: seed)
        cluster.set(1, at: 0)
        cluster.set(2, at: 4)
        cluster.advance(to: .origin + .milliseconds(60_000))
        let held = values(cluster)
        #expect(held.first == 1 && held.last == 2)
        #expect(held.allSatisfy { $0 == 1 || $0 == 2 })
        // Nothing is under way that could change it: all generations are equal.
        #expect(Self.nodes.allSatisfy { cluster.version(of: $0)?.generation == 1 })
    }

    @Test func `of two adds at two nodes one is lost`() {
        var cluster = cluster()
        let first = cluster.ask(.add(1), of: 0, from: 0)
        #expect(first != nil)
        let second = cluster.ask(.add(100), of: 4, from: 4)
        #expect(second != nil)
        cluster.advance(to: .origin + .milliseconds(60_000))
        let answers = cluster.takeAnswers()
        #expect(answers.count == 2 && answers.allSatisfy { $0.answer.isDone })
        #expect(!values(cluster).contains(101))
    }

    @Test func `of two adds at one node one is lost where the reads come before the sets`() {
        var cluster = cluster()
        let first = cluster.ask(.add(1), of: 0, from: 0)
        #expect(first != nil)
        let second = cluster.ask(.add(100), of: 0, from: 0)
        #expect(second != nil)
        cluster.advance(to: .origin + .milliseconds(10))
        let answers = cluster.takeAnswers()
        #expect(answers.count == 2 && answers.allSatisfy { $0.answer.isDone })
        #expect(cluster.version(of: 0)?.value == 1 || cluster.version(of: 0)?.value == 100)
        #expect(cluster.version(of: 0)?.generation == 2)
    }

    @Test func `adds one after the other at one node are all there`() {
        var cluster = cluster()
        for number in 1...10 {
            let ticket = cluster.ask(.add(1), of: 0, from: 0)
            #expect(ticket != nil)
            cluster.advance(to: .origin + .milliseconds(10 * number))
        }
        cluster.advance(to: .origin + .milliseconds(60_000))
        #expect(values(cluster) == Array(repeating: 10, count: 5))
    }

    @Test func `an acknowledged set dies with its node`() {
        var cluster = cluster()
        let acknowledged = cluster.set(7, at: 0)
        #expect(acknowledged != nil)
        cluster.crash(0, for: .milliseconds(1_000))
        #expect(cluster.state(of: 0).value == nil)
        let late = cluster.set(8, at: 0)
        #expect(late == nil, "nobody is there to take it")
        cluster.advance(to: .origin + .milliseconds(60_000))
        #expect(values(cluster) == Array(repeating: 0, count: 5))
    }

    @Test func `a node that died comes back empty and learns from the others`() {
        var cluster = cluster()
        cluster.set(7, at: 0)
        cluster.advance(to: .origin + .milliseconds(30_000))
        #expect(values(cluster) == Array(repeating: 7, count: 5))
        cluster.crash(0, for: .milliseconds(1))
        cluster.advance(to: cluster.now + .milliseconds(2))
        #expect(cluster.version(of: 0) == GossipedRegister.Version())
        cluster.advance(to: cluster.now + .milliseconds(30_000))
        #expect(values(cluster) == Array(repeating: 7, count: 5))
    }

    @Test func `one huge generation freezes the value`() {
        var cluster = cluster()
        cluster.set(5, at: 2)
        cluster.notify(GossipedRegister.Version(value: 0, generation: .max), at: 0)
        cluster.advance(to: .origin + .milliseconds(30_000))
        #expect(values(cluster) == Array(repeating: 0, count: 5))
        // The next generation wraps around to the lowest, which loses against everybody's.
        cluster.set(9, at: 3)
        #expect(cluster.version(of: 3)?.value == 9)
        #expect(cluster.version(of: 3)?.generation == .min)
        cluster.advance(to: cluster.now + .milliseconds(30_000))
        #expect(values(cluster) == Array(repeating: 0, count: 5))
    }

    @Test func `a read at another node misses an acknowledged set`() throws {
        var cluster = cluster()
        cluster.set(7, at: 0)
        let ticket = cluster.ask(.read, of: 1, from: 1)
        let answers = cluster.takeAnswers()
        let answer = try #require(answers.first)
        #expect(answer.ticket == ticket)
        #expect(answer.answer == .done(0, nil))
    }

    @Test func `it answers with all other nodes cut off, and pushes are lost`() {
        var cluster = cluster()
        for other in 1..<5 {
            cluster.network.cut(Way(from: 0, to: other))
            cluster.network.cut(Way(from: other, to: 0))
        }
        cluster.set(7, at: 0)
        cluster.advance(to: .origin + .milliseconds(30_000))
        #expect(values(cluster) == [7, 0, 0, 0, 0])
    }

    @Test func `its load does not depend on what clients do`() {
        var idle = cluster()
        idle.advance(to: .origin + .milliseconds(60_000))
        var busy = cluster()
        for number in 1...6_000 {
            busy.set(Int64(number), at: number % 5)
            busy.advance(to: .origin + .milliseconds(10 * number))
        }
        #expect(idle.messages == busy.messages)
        #expect(idle.messages == 5 * 2 * 30)
    }

    @Test func `an add whose node dies between the read and the set is not applied`() throws {
        var cluster = cluster()
        let ticket = cluster.ask(.add(1), of: 0, from: 0)
        cluster.crash(0, for: .milliseconds(1_000))
        cluster.advance(to: .origin + .milliseconds(100))
        let answers = cluster.takeAnswers()
        let answer = try #require(answers.first)
        #expect(answer.ticket == ticket)
        #expect(answer.answer == .notApplied)
    }

    @Test func `a value is made of the writes that its clients had read`() {
        var cluster = cluster()
        let writes = [
            cluster.set(1, at: 0), cluster.set(2, at: 0, after: 1), cluster.set(100, at: 4),
        ]
        #expect(writes == [1, 2, 3])
        let (first, second, other) = (1, 2, 3)
        func holds(_ write: Int, _ node: Int) -> Bool {
            cluster.holds(Contrast.WriteID(number: write, amount: 1), at: node)
        }
        #expect(holds(first, 0) && holds(second, 0) && !holds(other, 0))
        #expect(!holds(first, 4) && !holds(second, 4) && holds(other, 4))
        #expect(!holds(first, 2))
    }
}

extension Contrast.Answer {
    fileprivate var isDone: Bool {
        if case .done = self { true } else { false }
    }
}
