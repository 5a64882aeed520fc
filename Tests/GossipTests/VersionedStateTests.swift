import Primitives
import Testing

@testable import Gossip

/// The order of claims, pair by pair, as the table of `docs/gossip.md` has it.
@Suite struct VersionedStateTests {
    private static let states = Member.State.allCases

    /// Which state takes precedence over which within one incarnation: a row beats its columns.
    private static let table: [(Member.State, beats: [Member.State])] = [
        (.alive, []), (.suspect, [.alive]), (.dead, [.alive, .suspect]),
        (.left, [.alive, .suspect, .dead]),
    ]

    @Test func withinOneIncarnationTheTableHolds() {
        for (state, beats) in VersionedStateTests.table {
            for other in VersionedStateTests.states {
                let wins =
                    VersionedState(incarnation: 7, state: other)
                    < VersionedState(incarnation: 7, state: state)
                #expect(wins == beats.contains(other), "\(state) against \(other)")
            }
        }
    }

    @Test func aLaterIncarnationBeatsEveryStateOfAnEarlierOne() {
        for state in VersionedStateTests.states {
            for other in VersionedStateTests.states {
                let earlier = VersionedState(incarnation: 7, state: state)
                let later = VersionedState(incarnation: 8, state: other)
                #expect(earlier < later)
                #expect(!(later < earlier))
            }
        }
    }

    @Test func ofAnyTwoOneHoldsWhicheverCameFirst() {
        let incarnations: [UInt64] = [0, 1, 2, GossipLimits.incarnation - 1, .max]
        let all = incarnations.flatMap { incarnation in
            VersionedStateTests.states.map { VersionedState(incarnation: incarnation, state: $0) }
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
        let versionedState = VersionedState(incarnation: 100, state: .alive)
        #expect(versionedState.mayRise(to: 0))
        #expect(versionedState.mayRise(to: 100))
        #expect(versionedState.mayRise(to: 100 + GossipLimits.incarnationLeap))
        #expect(!versionedState.mayRise(to: 101 + GossipLimits.incarnationLeap))
        #expect(!versionedState.mayRise(to: .max))
        #expect(VersionedState(incarnation: .max, state: .dead).mayRise(to: .max))
    }
}
