import Primitives
import Testing

@testable import Raft

/// Deliberately simple second implementations, held against the real ones.
@Suite struct TwinTests {
    private func peers(_ matches: [UInt64]) -> [Peer] {
        zip([n2, n3, n4, n5], matches).map { id, match in
            var peer = Peer(id: id)
            peer.match = LogIndex(match)
            return peer
        }
    }

    /// Sorted from the farthest on, the value at the place of the quorum is what so many reached.
    private func sortedTwin(_ floor: UInt64, _ own: UInt64, _ others: [UInt64]) -> UInt64 {
        let sorted = ([own] + others).sorted(by: >)
        return max(floor, sorted[sorted.count / 2])
    }

    @Test func quorumAgainstASortedArray() {
        let values: [UInt64] = [0, 1, 2, 3]
        for count in 0...4 {
            var combinations: [[UInt64]] = [[]]
            for _ in 0..<count {
                combinations = combinations.flatMap { base in values.map { base + [$0] } }
            }
            let quorum = Quorum(voters: count + 1)
            for others in combinations {
                for own in values {
                    for floor in values {
                        let reached = quorum.reached(
                            floor: LogIndex(floor), own: LogIndex(own), peers: peers(others)
                        ) { $0.match }
                        #expect(reached.number == sortedTwin(floor, own, others))
                    }
                }
            }
        }
    }

    @Test func quorumsIntersect() {
        for voters in 1...RaftLimits.voters {
            let size = Quorum(voters: voters).size
            #expect(2 * size > voters && 2 * (size - 1) <= voters)
        }
    }

    @Test func upToDateIsATotalOrder() {
        let ids = (0...3).flatMap { index in (0...3).map { entry(UInt64(index), term: $0) } }
        for left in ids {
            for right in ids {
                let (forth, back) = (
                    left.isAtLeastAsUpToDate(as: right), right.isAtLeastAsUpToDate(as: left)
                )
                #expect(forth || back)
                #expect((forth && back) == (left == right))
                let twin =
                    (left.term.number, left.index.number) >= (
                        right.term.number, right.index.number
                    )
                #expect(forth == twin)
                for third in ids where forth && right.isAtLeastAsUpToDate(as: third) {
                    #expect(left.isAtLeastAsUpToDate(as: third))
                }
            }
        }
    }

    @Test func conflictSearchAgainstBruteForce() {
        var random = RandomSource(seed: 5)
        for _ in 0..<200 {
            var log = EntryLog()
            var terms: [UInt64] = []
            var term = UInt64(1)
            for _ in 0..<random.below(14) {
                if random.chance(1, in: 3) { term += UInt64(1 + random.below(2)) }
                terms.append(term)
                log.append(term: Term(term), kind: .command, payload: 0..<0, of: [])
            }
            for limit in 0...terms.count + 2 {
                for asked in 0...term + 1 {
                    let twin = terms.prefix(limit).lastIndex { $0 <= asked }.map { $0 + 1 } ?? 0
                    let found = log.lastIndex(
                        upTo: LogIndex(UInt64(limit)), ofTermAtMost: Term(asked))
                    #expect(found.number == UInt64(twin), "\(terms), \(limit), \(asked)")
                }
            }
        }
    }

    @Test func ballotCountsEachVoterOnce() {
        var random = RandomSource(seed: 6)
        var ballot = Ballot()
        var twin: Set<Int> = []
        for _ in 0..<100 {
            let position = random.below(RaftLimits.voters)
            ballot.grant(position)
            twin.insert(position)
            #expect(ballot.count == twin.count)
            for other in 0..<RaftLimits.voters {
                #expect(ballot.isGranted(by: other) == twin.contains(other))
            }
        }
    }
}
