import Primitives
import Testing

@testable import Gossip

/// The order of claims, pair by pair, as the table of `docs/gossip.md` has it.
@Suite struct StandingTests {
    private static let states = Member.State.allCases

    /// Which state takes precedence over which within one incarnation: a row beats its columns.
    private static let table: [(Member.State, beats: [Member.State])] = [
        (.alive, []), (.suspect, [.alive]), (.dead, [.alive, .suspect]),
        (.left, [.alive, .suspect, .dead]),
    ]

    @Test func withinOneIncarnationTheTableHolds() {
        for (state, beats) in StandingTests.table {
            for other in StandingTests.states {
                let wins =
                    Standing(incarnation: 7, state: other) < Standing(incarnation: 7, state: state)
                #expect(wins == beats.contains(other), "\(state) against \(other)")
            }
        }
    }

    @Test func aLaterIncarnationBeatsEveryStateOfAnEarlierOne() {
        for state in StandingTests.states {
            for other in StandingTests.states {
                let earlier = Standing(incarnation: 7, state: state)
                let later = Standing(incarnation: 8, state: other)
                #expect(earlier < later)
                #expect(!(later < earlier))
            }
        }
    }

    @Test func ofAnyTwoOneHoldsWhicheverCameFirst() {
        let incarnations: [UInt64] = [0, 1, 2, GossipLimits.incarnation - 1, .max]
        let all = incarnations.flatMap { incarnation in
            StandingTests.states.map { Standing(incarnation: incarnation, state: $0) }
        }
        for first in all {
            for second in all {
                #expect(max(first, second) == max(second, first))
                #expect((first == second) == !(first < second || second < first))
            }
        }
        #expect(all.sorted() == all)
    }

    @Test func anIncarnationRisesByALittleAtATime() {
        let standing = Standing(incarnation: 100, state: .alive)
        #expect(standing.mayRise(to: 0))
        #expect(standing.mayRise(to: 100))
        #expect(standing.mayRise(to: 100 + GossipLimits.incarnationLeap))
        #expect(!standing.mayRise(to: 101 + GossipLimits.incarnationLeap))
        #expect(!standing.mayRise(to: .max))
        #expect(Standing(incarnation: .max, state: .dead).mayRise(to: .max))
    }
}
