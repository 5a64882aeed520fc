import Calculator
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// The invariants of guarded writes, each broken by hand.
struct KeyInvariantTests {
    private static func keyed(
        _ number: Int64, key: String, firstIndex: UInt64? = nil, condition: [UInt64]? = nil
    ) -> ShadowPayload {
        .guarded(
            .add(number),
            WriteGuard(key: Array(key.utf8), firstIndex: firstIndex, condition: condition))
    }

    private static func committed(keys: Int, _ payloads: [ShadowPayload]) -> CommittedLog {
        var log = LogShadow()
        var committed = CommittedLog(keys: keys)
        for payload in payloads {
            log.append(Term(1), payload)
            committed.append(log[log.lastIndex], knownIn: Term(1))
        }
        return committed
    }

    private static func applied(
        _ index: UInt64, node: Int = 0, decision: Decision? = nil, hash: UInt64 = 0
    ) -> AppliedEntry {
        let index = LogIndex(index)
        return AppliedEntry(
            node: node, index: index,
            decision: decision ?? Decision(verdict: .changed, first: index), tookEffect: true,
            hash: hash)
    }

    @Test func `a write under a key takes effect at two of its entries`() {
        let log = Self.committed(
            keys: 8, [Self.keyed(1, key: "a"), Self.keyed(2, key: "b"), Self.keyed(1, key: "a")])
        var rule = AppliedOnce()
        #expect(rule.check(Self.applied(1), in: log) == nil)
        #expect(rule.check(Self.applied(2), in: log) == nil)
        #expect(rule.check(Self.applied(1, node: 1), in: log) == nil)
        #expect(rule.check(Self.applied(3), in: log) != nil)
    }

    @Test func `a forgotten key takes effect again, unless it came with an index`() {
        for first in [nil, 1] as [UInt64?] {
            let log = Self.committed(
                keys: 2,
                [
                    .nothing, Self.keyed(1, key: "a", firstIndex: first), Self.keyed(2, key: "b"),
                    Self.keyed(3, key: "c"), Self.keyed(1, key: "a", firstIndex: first),
                ])
            var rule = AppliedOnce()
            #expect(rule.check(Self.applied(2), in: log) == nil)
            #expect((rule.check(Self.applied(5), in: log) == nil) == (first == nil))
            // A node that is behind is still at the first one.
            #expect((rule.check(Self.applied(2, node: 1), in: log) == nil))
        }
    }

    @Test func `engines differ in their hash, or leave entries out`() {
        var rule = StateHashAgrees()
        #expect(rule.check(Self.applied(1, hash: 7)) == nil)
        #expect(rule.check(Self.applied(2, hash: 8)) == nil)
        #expect(rule.check(Self.applied(1, node: 1, hash: 7)) == nil)
        #expect(rule.check(Self.applied(2, node: 1, hash: 9)) != nil)
        #expect(rule.check(Self.applied(4, hash: 9)) != nil)
    }

    @Test func `an entry comes to something else than the committed entries say`() {
        let rule = StateMachineSafety()
        let log = Self.committed(keys: 8, [Self.keyed(1, key: "a"), Self.keyed(1, key: "a")])
        let again = Decision(verdict: .changed, first: LogIndex(1))
        #expect(rule.check(Self.applied(1), committed: log) == nil)
        #expect(rule.check(Self.applied(2, decision: again), committed: log) == nil)
        #expect(rule.check(Self.applied(2), committed: log) != nil)
    }

    @Test func `what the plain engine makes of keys and conditions`() {
        let log = Self.committed(
            keys: 2,
            [
                Self.keyed(1, key: "a"),  // 1
                Self.keyed(1, key: "a"),  // 2: again
                Self.keyed(2, key: "a"),  // 3: another write
                Self.keyed(3, key: "b", condition: [1]),  // 4
                Self.keyed(4, key: "c", condition: [1]),  // 5: forgets "a"
                Self.keyed(4, key: "c", condition: [1]),  // 6: the same again
                Self.keyed(1, key: "a", firstIndex: 0),  // 7
                Self.keyed(5, key: "d", firstIndex: 1),  // 8
                .guarded(.add(.max), WriteGuard(condition: [8])),  // 9
                .guarded(.add(6), WriteGuard(condition: [])),  // 10
            ])
        let decisions = log.entries.map(\.decision)
        let right: [(Decision.Verdict, UInt64)] = [
            (.changed, 1), (.changed, 1), (.keyReused, 3), (.changed, 4), (.conditionFailed, 5),
            (.conditionFailed, 5), (.keyExpired, 7), (.changed, 8), (.overflow, 9),
            (.conditionFailed, 10),
        ]
        #expect(decisions == right.map { Decision(verdict: $0, first: LogIndex($1)) })
        #expect(log.state(at: log.lastIndex).value == 9)
        #expect(log.state(at: log.lastIndex).lastChange == LogIndex(8))
    }
}
