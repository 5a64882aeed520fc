import Primitives
import Raft
import Testing

@testable import Simulation

/// Pasts and networks in which elections of other systems have hung for ever.
struct ElectionScenarioTests {
    /// Every log of up to two entries in terms 1 and 2, in every term from its last entry's to 3.
    private static let pasts: [World.Past] = {
        let logs: [[UInt64]] = [[], [1], [2], [1, 1], [1, 2], [2, 2]]
        return logs.flatMap { log in
            ((log.last ?? 0)...3).map { World.Past(term: $0, log: log) }
        }
    }()

    /// Whether whoever led the newest term may have been elected: a majority knows that term.
    private static func areElected(_ pasts: [World.Past]) -> Bool {
        let newest = pasts.compactMap(\.log.last).max() ?? 0
        return pasts.count { $0.term >= newest } * 2 > pasts.count
    }

    /// Every three of them that one history may have left, in an order that changes.
    private static let triples: [[World.Past]] = {
        var triples: [[World.Past]] = []
        for first in pasts.indices {
            for second in first..<pasts.count {
                for third in second..<pasts.count {
                    let (one, two, three) = (pasts[first], pasts[second], pasts[third])
                    guard one.matches(two), two.matches(three), one.matches(three),
                        areElected([one, two, three])
                    else { continue }
                    let turn = (first + second + third) % 3
                    triples.append(
                        [[one, two, three], [two, three, one], [three, one, two]][turn])
                }
            }
        }
        return triples
    }()

    /// Longer but older, shorter but newer, a higher term on a log behind (etcd#8243,
    /// openraft#1796): some leader always comes up, and all agree.
    @Test func `every three pasts elect and agree`() throws {
        #expect(Self.triples.count > 500)
        for (number, pasts) in Self.triples.enumerated() {
            let world = try World.remembering(pasts, seed: UInt64(number))
            world.start([0, 1, 2])
            let isWell = world.run(atMost: 5_000) { world.agree([0, 1, 2]) }
            #expect(isWell, "\(pasts): \(world.violation?.text ?? "no end of it")")
        }
    }

    /// Two nodes of three that don't see each other, and whatever each of them remembers.
    @Test func `every three pasts elect with one link of the triangle cut`() throws {
        for (number, pasts) in Self.triples.enumerated() where number % 2 == 0 {
            let world = try World.remembering(pasts, seed: UInt64(number))
            let middle = number / 2 % 3
            world.cut((middle + 1) % 3, (middle + 2) % 3)
            world.start([0, 1, 2])
            let isWell = world.run(atMost: 5_000) {
                world.agree([middle, (middle + 1) % 3]) || world.agree([middle, (middle + 2) % 3])
            }
            #expect(isWell, "\(pasts): \(world.violation?.text ?? "no end of it")")
        }
    }

    /// With a link cut, the one who does not hear the leader must not depose it again and again.
    @Test func `a triangle with one link cut keeps its leader`() throws {
        let pasts = Array(repeating: World.Past(term: 1, log: [1]), count: 3)
        let world = try World.remembering(pasts)
        world.start([0, 1, 2])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1, 2]) })
        let leader = try #require(world.nodes.firstIndex { $0.leads })
        world.cut(leader, (leader + 1) % 3)
        world.run(for: 10_000)
        let term = world.invariants.electionSafety.lastTerm
        world.run(for: 20_000)
        #expect(world.invariants.electionSafety.lastTerm == term, "leaders keep changing")
        #expect(world.nodes.contains { $0.leads })
        #expect(world.violation == nil)
    }

    /// Only the node whose term is behind can win; it has to learn the term from a refusal.
    @Test func `a pre-vote against a higher term`() throws {
        let world = try World.remembering([
            World.Past(term: 50, log: [1]), World.Past(term: 2, log: [1, 2]),
            World.Past(term: 2, log: [1, 2]),
        ])
        world.start([0, 1])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1]) })
        #expect(world.nodes[1].leads)
        #expect(world.invariants.electionSafety.lastTerm > 50)
        world.start([2])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1, 2]) })
        #expect(world.violation == nil)
    }

    /// openraft#2080: a leader that only one node hears keeps nobody waiting, not even where the others
    /// need that node for a majority: CheckQuorum (thesis §6.2) ends its reign.
    @Test func `a leader heard by one bridge node gives way`() throws {
        let pasts = Array(repeating: World.Past(term: 1, log: [1]), count: 5)
        let world = try World.remembering(pasts)
        world.start([0, 1, 2, 3, 4])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1, 2, 3, 4]) })
        let leader = try #require(world.nodes.firstIndex { $0.leads })
        let bridge = (leader + 1) % 5
        let others = (0..<5).filter { $0 != leader && $0 != bridge }
        let alone = others[2]
        for node in 0..<5 where node != alone { world.cut(node, alone) }
        for other in others.dropLast() { world.cut(leader, other) }
        let before = world.invariants.committed.lastIndex
        let isWell = world.run(atMost: 5_000) {
            world.invariants.committed.lastIndex > before
                && world.agree([others[0], others[1], bridge])
        }
        #expect(isWell)
        world.run(for: 1_000)
        #expect(!world.nodes[leader].leads)
        #expect(world.violation == nil)
    }

    /// Raft figure 8, (c) to (d): an entry of an old term lies on a majority and is overwritten all
    /// the same. Nobody may have held it for committed.
    @Test func `figure 8, the entry of the old term is overwritten`() throws {
        let world = try World.remembering([
            World.Past(term: 4, log: [1, 2, 4]), World.Past(term: 4, log: [1, 2]),
            World.Past(term: 4, log: [1, 2]), World.Past(term: 1, log: [1]),
            World.Past(term: 3, log: [1, 3]),
        ])
        world.start([2, 3, 4])
        #expect(world.run(atMost: 5_000) { world.agree([2, 3, 4]) })
        #expect(world.invariants.committed[LogIndex(2)].term == Term(3))
        world.start([0, 1])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1, 2, 3, 4]) })
        #expect(world.violation == nil)
    }

    /// Raft figure 8, (e): once an entry of the new term lies on a majority, the old one stays.
    @Test func `figure 8, the entry of the old term stays under one of the new`() throws {
        let world = try World.remembering([
            World.Past(term: 4, log: [1, 2, 4]), World.Past(term: 4, log: [1, 2, 4]),
            World.Past(term: 4, log: [1, 2, 4]), World.Past(term: 1, log: [1]),
            World.Past(term: 3, log: [1, 3]),
        ])
        world.start([2, 3, 4])
        #expect(world.run(atMost: 5_000) { world.agree([2, 3, 4]) })
        #expect(world.invariants.committed[LogIndex(2)].term == Term(2))
        #expect(world.invariants.committed[LogIndex(3)].term == Term(4))
        world.start([0, 1])
        #expect(world.run(atMost: 5_000) { world.agree([0, 1, 2, 3, 4]) })
        #expect(world.violation == nil)
    }
}
